/** A register: read, write, cas. */
import type { Value } from '../../harness/operation.ts';
import { identityOf, isList, isRecord } from '../value-text.ts';
import type { SequentialType, Step } from './sequential-type.ts';

/** What a step on a register does. */
type Effect =
  | { readonly kind: 'read'; readonly value: Value }
  | { readonly kind: 'write'; readonly value: Value }
  | { readonly kind: 'cas'; readonly value: Value; readonly to: Value; readonly open: boolean }
  | { readonly kind: 'refused'; readonly value: Value }
  | { readonly kind: 'nothing' };

const NOTHING: Effect = { kind: 'nothing' };

/** @param keyed values are pairs [key, value], and every key is a register of its own. */
export function registerType(keyed: boolean): SequentialType<Value> {
  const effect = (step: Step): Effect => effectOf(step, keyed);
  return {
    initial: (options) => options.initial ?? null,
    step: (state, step) => stepRegister(state, effect(step)),
    key: identityOf,
    ...(keyed ? { partition: ({ input }: Step) => half(input, 0) } : {}),
    reads: (step) => {
      const { kind } = effect(step);
      return kind === 'read' || kind === 'refused' || kind === 'nothing';
    },
    empty: (step, options) => {
      const done = effect(step);
      if (done.kind === 'nothing') return true;
      return done.kind === 'read' && done.value === null && options.nilReads === 'any';
    },
    needs: (step, options) => {
      const done = effect(step);
      if (done.kind === 'cas') return done.value;
      if (done.kind !== 'read') return undefined;
      return done.value === null && options.nilReads === 'any' ? undefined : done.value;
    },
    leaves: (step) => {
      const done = effect(step);
      return done.kind === 'write' ? done.value : done.kind === 'cas' ? done.to : undefined;
    },
  };
}

function stepRegister(state: Value, effect: Effect): Value | undefined {
  if (effect.kind === 'nothing') return state;
  if (effect.kind === 'write') return effect.value;
  const same = identityOf(state) === identityOf(effect.value);
  if (effect.kind === 'read') return same ? state : undefined;
  // One that never answered may also have met another value.
  if (effect.kind === 'cas') return same ? effect.to : effect.open ? state : undefined;
  return same ? undefined : state;
}

function effectOf({ f, input, output, refused }: Step, keyed: boolean): Effect {
  const argument = keyed ? half(input, 1) : input;
  if (f === 'write' || f === 'w') return { kind: 'write', value: plain(argument) };
  const answer = output === undefined ? undefined : keyed ? half(output, 1) : output;
  if (f === 'read' || f === 'r') {
    return answer === undefined ? NOTHING : { kind: 'read', value: plain(answer) };
  }
  const [from, to] = comparison(argument);
  const declined =
    refused || (answer !== undefined && isRecord(answer) && answer['swapped'] === false);
  return declined
    ? { kind: 'refused', value: from }
    : { kind: 'cas', value: from, to, open: answer === undefined };
}

function comparison(value: Value): [Value, Value] {
  if (isList(value)) return [value[0] ?? null, value[1] ?? null];
  if (isRecord(value)) return [value['from'] ?? null, value['to'] ?? null];
  return [null, null];
}

function half(value: Value, which: 0 | 1): Value {
  return isList(value) ? (value[which] ?? null) : value;
}

/** `{value: v, …}` stands for v. */
function plain(value: Value): Value {
  return isRecord(value) && 'value' in value ? (value['value'] ?? null) : value;
}
