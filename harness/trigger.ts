/**
 * Triggers: waiting for the moment a fault fires or heals. The data is plain (`Trigger` in nemesis.ts); this arms it.
 */
import type { Clock } from './clock.ts';
import type { Ending } from './ending.ts';
import type { EventSink } from './event.ts';
import { Lack, meansOf } from './means.ts';
import { unknownName } from './nearest.ts';
import type { FaultState, Probe, RunFeed, Trigger } from './nemesis.ts';
import type { Nanoseconds, NodeName } from './operation.ts';
import { literally } from './regular-expression.ts';
import type { Sightings } from './sightings.ts';
import type { Cluster, Machine, Node } from './testbed.ts';
import { watchAll, watchAny, watchInOrder, watchWithin } from './trigger-combined.ts';
import { armProbe } from './trigger-probe.ts';
import { partsOf, triggerInWords } from './trigger-words.ts';

/** What triggers may watch. */
export interface TriggerContext {
  readonly clock: Clock;
  readonly cluster: Cluster;
  readonly feed: RunFeed;
  readonly events: EventSink;
  readonly sightings: Sightings;
  readonly ending: Ending;
  readonly probes: Readonly<Record<string, Probe>>;
  /** When the main phase began: `at` counts from here. */
  readonly origin: Nanoseconds;
  /** What `after` counts from: the step's firing, or the end of the lane's previous step. */
  readonly base: Nanoseconds;
  /** Whether a step has reached a state already. */
  readonly reached: (id: string, state: FaultState) => boolean;
  /** A trigger that cannot go on (a probe that does not exist, a bug in one). */
  readonly failed: (error: Error) => void;
}

/** A trigger that is being waited for. */
export interface ArmedTrigger {
  /** What is waited for now, in words: of a sequence the part that comes next. */
  waitingFor(): string;
  /** Stops waiting; nothing is called back afterwards. */
  cancel(): void;
}

/** What is watched for a trigger, until disposed. */
export interface Watching extends Disposable {
  /** Default: the trigger in words. */
  waitingFor?(): string;
}

type Arm = (context: TriggerContext, seen: () => void, missed: Missed) => Watching;
/** Told why the trigger will never be seen. */
type Missed = (why: string) => void;

/**
 * Waits for a trigger. `seen` is called once, synchronously where the trigger is seen, possibly before `arm` returns
 * (a fault's state that is reached already).
 * @param missed called once instead, when it can no longer be seen (`within`)
 * @throws when the trigger names a node or probe that does not exist, or needs what the node is not
 */
export function arm(
  trigger: Trigger,
  context: TriggerContext,
  seen: () => void,
  missed: Missed = () => undefined,
): ArmedTrigger {
  const waiting = new Waiting(trigger, seen, missed);
  waiting.on(
    watch(trigger)(
      context,
      () => waiting.see(),
      (why) => waiting.miss(why),
    ),
  );
  return waiting;
}

/** Lets `seen` or `missed` be called once, and lets go of what is watched then or when cancelled. */
class Waiting implements ArmedTrigger {
  readonly #trigger: Trigger;
  readonly #seen: () => void;
  readonly #missed: Missed;
  #over = false;
  #subscription: Watching | null = null;

  constructor(trigger: Trigger, seen: () => void, missed: Missed) {
    this.#trigger = trigger;
    this.#seen = seen;
    this.#missed = missed;
  }

  on(subscription: Watching): void {
    this.#subscription = subscription;
    if (this.#over) this.cancel();
  }

  waitingFor(): string {
    return this.#subscription?.waitingFor?.() ?? triggerInWords(this.#trigger);
  }

  see(): void {
    if (this.#over) return;
    this.cancel();
    this.#seen();
  }

  miss(why: string): void {
    if (this.#over) return;
    this.cancel();
    this.#missed(why);
  }

  cancel(): void {
    this.#over = true;
    this.#subscription?.[Symbol.dispose]();
    this.#subscription = null;
  }
}

/** Why this trigger cannot be had on this cluster, or null. */
export function triggerUnavailable(trigger: Trigger, cluster: Cluster): string | null {
  const parts = partsOf(trigger);
  if (parts.length > 0) {
    const reasons = parts.map((part) => triggerUnavailable(part, cluster));
    return reasons.find((reason) => reason !== null) ?? null;
  }
  if ('call' in trigger && cluster.network.watchCalls === undefined) {
    return 'data on the wire cannot be watched on this testbed';
  }
  if ('breakpoint' in trigger) {
    const jvm = meansOf(cluster.node(trigger.breakpoint.node), 'jvm');
    return jvm instanceof Lack ? jvm.reason : null;
  }
  if ('log' in trigger) return lacks(cluster.node(trigger.log.node), 'followLog', 'a log');
  if ('file' in trigger) return lacks(cluster.node(trigger.file.node), 'watchFiles', 'files');
  return null;
}

function lacks(node: Node, method: keyof Machine, what: string): string | null {
  return method in node ? null : `node ${node.name} has no ${what} to watch on this testbed`;
}

function watch(trigger: Trigger): Arm {
  if ('at' in trigger) return (context, seen) => timer(context, context.origin + trigger.at, seen);
  if ('after' in trigger)
    return (context, seen) => timer(context, context.base + trigger.after, seen);
  if ('operation' in trigger) return watchOperations(trigger.operation);
  if ('log' in trigger) return watchLog(trigger.log);
  if ('file' in trigger) return watchFile(trigger.file);
  if ('probe' in trigger) return watchProbe(trigger.probe);
  if ('leaderChange' in trigger) return watchLeader(trigger.leaderChange.nth ?? 1);
  if ('epoch' in trigger) return watchEpoch(trigger.epoch.nth ?? 1);
  if ('call' in trigger) return watchCall(trigger.call);
  if ('breakpoint' in trigger) return watchBreakpoint(trigger.breakpoint);
  if ('fault' in trigger) return watchFault(trigger.fault.id, trigger.fault.state);
  if ('end' in trigger) return (context, seen) => context.ending.onBegin(seen);
  return watchCombined(trigger);
}

function watchCombined(
  trigger: Extract<
    Trigger,
    { then: unknown } | { and: unknown } | { or: unknown } | { within: unknown }
  >,
): Arm {
  return (context, seen, missed) => {
    const whole = { arm, context, seen, missed };
    if ('then' in trigger) return watchInOrder(trigger.then, whole);
    if ('and' in trigger) return watchAll(trigger.and, whole);
    if ('or' in trigger) return watchAny(trigger.or, whole);
    return watchWithin(trigger.within.trigger, trigger.within.limit, whole);
  };
}

function timer({ clock }: TriggerContext, time: Nanoseconds, seen: () => void): Disposable {
  const handle = clock.at(time, seen);
  return { [Symbol.dispose]: () => handle.cancel() };
}

function watchOperations(wanted: Extract<Trigger, { operation: unknown }>['operation']): Arm {
  const { type = 'ok', nth = 1, node } = wanted;
  const fs = typeof wanted.f === 'string' ? [wanted.f] : wanted.f;
  return ({ feed }, seen) => {
    let count = 0;
    return feed.onOperation((operation) => {
      if (operation.type !== type) return;
      if (fs?.includes(operation.f) === false) return;
      if (node !== undefined && operation.node !== node) return;
      if (++count === nth) seen();
    });
  };
}

function watchLog(wanted: Extract<Trigger, { log: unknown }>['log']): Arm {
  const pattern = new RegExp(wanted.pattern, 'u');
  return ({ cluster }, seen) => {
    let count = 0;
    return asMachine(cluster, wanted.node, 'followLog').followLog((line) => {
      if (pattern.test(line) && ++count === (wanted.nth ?? 1)) seen();
    });
  };
}

function watchFile(wanted: Extract<Trigger, { file: unknown }>['file']): Arm {
  const pattern = fileNamePattern(wanted.name);
  return ({ cluster }, seen) =>
    asMachine(cluster, wanted.node, 'watchFiles').watchFiles(wanted.directory, (name) => {
      if (pattern.test(name)) seen();
    });
}

/** `*` is anything, everything else itself. */
function fileNamePattern(name: string): RegExp {
  const parts = name.split('*').map(literally);
  return new RegExp(`^${parts.join('.*')}$`, 'u');
}

function watchProbe(wanted: Extract<Trigger, { probe: unknown }>['probe']): Arm {
  return (context, seen) => {
    const probe = context.probes[wanted.name];
    if (probe === undefined) {
      throw new Error(unknownName('probe', wanted.name, Object.keys(context.probes)));
    }
    return armProbe(context, { ...wanted, probe }, seen);
  };
}

function watchLeader(nth: number): Arm {
  return ({ sightings }, seen) => {
    let count = 0;
    return sightings.onLeaderChange(() => {
      if (++count === nth) seen();
    });
  };
}

function watchEpoch(nth: number): Arm {
  return ({ sightings }, seen) => {
    let count = 0;
    return sightings.onEpochRise(() => {
      if (++count === nth) seen();
    });
  };
}

function watchCall({ nth = 1, ...call }: Extract<Trigger, { call: unknown }>['call']): Arm {
  return ({ cluster }, seen) => {
    let count = 0;
    const watching = cluster.network.watchCalls?.(call, () => {
      if (++count === nth) seen();
    });
    if (watching === undefined) throw new Error('data on the wire cannot be watched here');
    return watching;
  };
}

function watchBreakpoint(wanted: Extract<Trigger, { breakpoint: unknown }>['breakpoint']): Arm {
  const { node, nth = 1, ...method } = wanted;
  return ({ cluster }, seen) => {
    const jvm = meansOf(cluster.node(node), 'jvm');
    if (jvm instanceof Lack) throw new Error(jvm.reason);
    let count = 0;
    return jvm.watchMethod(method, () => {
      if (++count === nth) seen();
    });
  };
}

function watchFault(id: string, state: FaultState): Arm {
  return ({ feed, reached }, seen) => {
    if (reached(id, state)) {
      seen();
      return { [Symbol.dispose]: () => undefined };
    }
    return feed.onFault((record) => {
      if (record.state === state && record.state !== 'intended' && record.id === id) seen();
    });
  };
}

function asMachine(cluster: Cluster, name: NodeName, method: keyof Machine): Machine {
  const node = cluster.node(name);
  if (!(method in node)) throw new Error(`node ${name} has no ${method} on this testbed`);
  return node as Machine;
}
