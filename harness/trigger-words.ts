/** Triggers as they are read: in words, for the reason why a step did not fire, and part by part. */
import type { Trigger, WireCall } from './nemesis.ts';
import { SECOND, type Nanoseconds } from './operation.ts';

/** What is waited for: `the 3rd ok write on n1`. */
export function triggerInWords(trigger: Trigger): string {
  if ('at' in trigger) return `${secondsInWords(trigger.at)} of the main phase`;
  if ('after' in trigger) return `${secondsInWords(trigger.after)} after`;
  if ('operation' in trigger) return operationInWords(trigger.operation);
  if ('log' in trigger) {
    const { node, pattern, nth } = trigger.log;
    return `${ordinal(nth)}log line /${pattern}/ of ${node}`;
  }
  if ('file' in trigger) {
    const { node, directory, name } = trigger.file;
    return `file ${directory}/${name} of ${node}`;
  }
  if ('probe' in trigger) {
    const { name, node, is = true } = trigger.probe;
    return `${is ? '' : 'not '}${name}${node === undefined ? '' : ` of ${node}`}`;
  }
  if ('leaderChange' in trigger) return `${ordinal(trigger.leaderChange.nth)}change of leader`;
  if ('epoch' in trigger) return `${ordinal(trigger.epoch.nth)}higher epoch`;
  return rarerInWords(trigger);
}

type Common = 'at' | 'after' | 'operation' | 'log' | 'file' | 'probe' | 'leaderChange' | 'epoch';

function rarerInWords(trigger: Exclude<Trigger, { readonly [K in Common]?: unknown }>): string {
  if ('call' in trigger) return callInWords(trigger.call);
  if ('breakpoint' in trigger) {
    const { node, class: owner, method, nth } = trigger.breakpoint;
    return `${ordinal(nth)}entry of ${owner}.${method} in ${node}`;
  }
  if ('fault' in trigger) return `step ${trigger.fault.id} ${trigger.fault.state}`;
  if ('then' in trigger) return trigger.then.map(triggerInWords).join(', then ');
  if ('and' in trigger) return trigger.and.map(triggerInWords).join(' and ');
  if ('or' in trigger) return trigger.or.map(triggerInWords).join(' or ');
  if ('within' in trigger) {
    const { limit, trigger: inner } = trigger.within;
    return `${triggerInWords(inner)} within ${secondsInWords(limit)}`;
  }
  return 'the end of the main phase';
}

/** The triggers that one is made of; none for one that stands for itself. */
export function partsOf(trigger: Trigger): readonly Trigger[] {
  if ('then' in trigger) return trigger.then;
  if ('and' in trigger) return trigger.and;
  if ('or' in trigger) return trigger.or;
  if ('within' in trigger) return [trigger.within.trigger];
  return [];
}

/** `5 s`, `0.2 s`. */
export function secondsInWords(time: Nanoseconds): string {
  return `${time / SECOND} s`;
}

function operationInWords(wanted: Extract<Trigger, { operation: unknown }>['operation']): string {
  const { f = 'operation', type = 'ok', nth, node } = wanted;
  const name = typeof f === 'string' ? f : f.join(' or ');
  return `${ordinal(nth)}${type} ${name}${node === undefined ? '' : ` on ${node}`}`;
}

function callInWords({ from, to, port, holds, length, nth }: WireCall & { nth?: number }): string {
  const parts = [
    from === undefined ? '' : ` from ${from}`,
    to === undefined ? '' : ` to ${to}`,
    port === undefined ? '' : ` of port ${port}`,
    holds === undefined ? '' : ` that holds ${JSON.stringify(holds)}`,
    length === undefined ? '' : ` of ${length[0]} to ${length[1]} bytes`,
  ];
  return `${ordinal(nth)}data${parts.join('')}`;
}

/** Nothing for the first: `log line …` is the next one. */
function ordinal(nth = 1): string {
  if (nth === 1) return '';
  const ending = { 1: 'st', 2: 'nd', 3: 'rd' }[nth % 10];
  const teens = nth % 100 > 10 && nth % 100 < 14;
  return `${nth}${teens ? 'th' : (ending ?? 'th')} `;
}
