/**
 * Histories of a simulated atomic register, for benchmarks: each operation takes effect at some moment between its call
 * and its end. Seeded.
 */
import type { OperationType, Value } from '../harness/operation.ts';
import { seededRandom } from '../harness/random.ts';

/** One line of a history, as far as checkers look at it. */
export interface HistoryEvent {
  readonly process: number;
  readonly type: OperationType;
  readonly f: string;
  readonly value: Value;
}

export interface RegisterHistoryOptions {
  readonly operations: number;
  readonly clients: number;
  readonly seed: number;
  /** Values are drawn from so many; 0: every value is written once. Default: 0. */
  readonly values?: number;
  /** Share of reads. Default: 0.5. */
  readonly reads?: number;
  /** Share of compare-and-sets. Default: 0. */
  readonly cas?: number;
  /** Share of operations whose client never hears of their end; half of them happen. Default: 0. */
  readonly crashed?: number;
  /** Exactly so many crashed operations, spread evenly, instead of a share. Default: by `crashed`. */
  readonly crashes?: number;
  /** What is wrong, near the end. Default: nothing. */
  readonly violation?: 'stale-read' | 'never-written' | 'unexplained-reads';
}

interface Planned {
  process: number;
  f: 'read' | 'write' | 'cas';
  value: Value;
  answer: Value;
  swapped: boolean;
  crashed: boolean;
  happens: boolean;
  order: number;
}

type Moment = readonly [
  at: number,
  kind: 'call' | 'effect' | 'end',
  operation: Planned | null,
  process: number,
];

/** A history in the order of its events; operations that never complete have no completion. */
export function registerHistory(options: RegisterHistoryOptions): HistoryEvent[] {
  const draws = seededRandom(BigInt(options.seed)).sequence('register-history');
  const values = options.values ?? 0;
  const reads = options.reads ?? 0.5;
  const cas = options.cas ?? 0;
  const queue = new MomentQueue();
  const events: HistoryEvent[] = [];
  let register: Value = null;
  let fresh = 1;
  let made = 0;
  let nextProcess = options.clients;
  const newValue = (): number => (values > 0 ? draws.below(values) : fresh++);
  const crashes = (order: number): boolean => {
    if (options.crashes === undefined) return draws.next() < (options.crashed ?? 0);
    const every = Math.floor(options.operations / (options.crashes + 1));
    return order % every === every - 1 && order / every < options.crashes;
  };
  /** What a crashed operation may produce: never the value that a stale read is to show. */
  const produced = (crashed: boolean): number => {
    if (!crashed || options.violation !== 'stale-read' || values === 0) return newValue();
    return draws.below(values - 1);
  };
  const plan = (process: number): Planned => {
    const which = draws.next();
    const order = made++;
    const chosen = which < reads ? 'read' : which < reads + cas ? 'cas' : 'write';
    const crashed = crashes(order) && (options.crashes !== undefined || chosen !== 'read');
    const f = crashed && chosen === 'read' ? 'write' : chosen;
    const value =
      f === 'read'
        ? null
        : f === 'write'
          ? produced(crashed)
          : [values > 0 ? draws.below(values) : register, produced(crashed)];
    const happens = !crashed || draws.next() < 0.5;
    return { process, f, value, answer: null, swapped: false, crashed, happens, order };
  };
  for (let process = 0; process < options.clients; process++)
    queue.push([draws.next(), 'call', null, process]);
  for (let moment = queue.pop(); moment !== undefined; moment = queue.pop()) {
    const [at, kind, operation, process] = moment;
    if (kind === 'call') {
      if (made >= options.operations) continue;
      const planned = plan(process);
      const length = 0.2 + draws.next() * 2;
      events.push({ process, type: 'invoke', f: planned.f, value: planned.value });
      queue.push([at + draws.next() * length, 'effect', planned, process]);
      queue.push([at + length, 'end', planned, process]);
    } else if (operation !== null && kind === 'effect') {
      if (operation.happens) register = takeEffect(operation, register);
    } else if (operation !== null) {
      if (operation.crashed) {
        queue.push([at + draws.next() * 0.1, 'call', null, nextProcess++]);
      } else {
        events.push(completionOf(operation));
        queue.push([at + draws.next() * 0.1, 'call', null, process]);
      }
    }
  }
  return violate(events, options);
}

function takeEffect(operation: Planned, register: Value): Value {
  if (operation.f === 'read') operation.answer = register;
  if (operation.f === 'write') return operation.value;
  if (operation.f !== 'cas') return register;
  const [from, to] = operation.value as [Value, Value];
  operation.swapped = from === register;
  return operation.swapped ? to : register;
}

function completionOf({ process, f, value, answer, swapped }: Planned): HistoryEvent {
  if (f === 'read') return { process, type: 'ok', f, value: answer };
  return { process, type: f === 'cas' && !swapped ? 'fail' : 'ok', f, value };
}

/** Makes it illegal, by construction. */
function violate(events: HistoryEvent[], options: RegisterHistoryOptions): HistoryEvent[] {
  const { violation } = options;
  if (violation === 'never-written') return withRead(events, lateRead(events), 1_000_000_000);
  if (violation === 'stale-read') return staleRead(events, options);
  if (violation === 'unexplained-reads') return [...events, ...unexplainedReads(options)];
  return events;
}

function lateRead(events: readonly HistoryEvent[]): number {
  const from = Math.floor(events.length * 0.95);
  return events.findIndex(({ type, f }, index) => index >= from && type === 'ok' && f === 'read');
}

function withRead(events: readonly HistoryEvent[], at: number, value: Value): HistoryEvent[] {
  return events.map((event, index) => (index === at ? { ...event, value } : event));
}

/**
 * A late read of a value that was surely overwritten: between everything that could have produced it and the read, a
 * write of another value was begun and acknowledged. (With few values, crashed operations never produce that one.)
 */
function staleRead(
  events: readonly HistoryEvent[],
  options: RegisterHistoryOptions,
): HistoryEvent[] {
  const called = new Map<number, number>();
  const old = staleValue(events, options);
  const produces = ({ f, value }: HistoryEvent): boolean =>
    f !== 'read' && (f === 'cas' ? (value as [Value, Value])[1] : value) === old;
  let producing = 0;
  let produced = 0;
  let overwritten = -1;
  let found = -1;
  for (const [at, event] of events.entries()) {
    const { process, type, f } = event;
    if (type === 'invoke') {
      called.set(process, at);
      if (produces(event)) producing++;
      continue;
    }
    const call = called.get(process) ?? 0;
    if (produces(event)) {
      producing--;
      [produced, overwritten] = [at, -1];
    } else if (f === 'write' && call > produced && overwritten < 0) overwritten = at;
    else if (f === 'read' && overwritten >= 0 && call > overwritten && producing === 0) found = at;
    if (found > events.length * 0.95) break;
  }
  return withRead(events, found, old);
}

/** With few values the last one; with unique ones some value of the middle. */
function staleValue(
  events: readonly HistoryEvent[],
  { values = 0 }: RegisterHistoryOptions,
): Value {
  if (values > 0) return values - 1;
  const middle = Math.floor(events.length / 2);
  return (
    events.find(({ type, f }, at) => at > middle && type === 'ok' && f === 'write')?.value ?? 1
  );
}

/**
 * One client by itself writes and then reads something else, once more often than there are crashed operations: each
 * such read needs one of its own to explain it.
 */
function unexplainedReads({ crashes = 0, values = 2 }: RegisterHistoryOptions): HistoryEvent[] {
  const process = 1_000_000;
  const line = (type: OperationType, f: string, value: Value): HistoryEvent => ({
    process,
    type,
    f,
    value,
  });
  return Array.from({ length: crashes + 1 }, (_, round) => {
    const [written, read] = [round % values, (round + 1) % values];
    return [
      line('invoke', 'write', written),
      line('ok', 'write', written),
      line('invoke', 'read', null),
      line('ok', 'read', read),
    ];
  }).flat();
}

/** A binary heap by time. */
class MomentQueue {
  readonly #heap: Moment[] = [];

  push(moment: Moment): void {
    const heap = this.#heap;
    let place = heap.push(moment) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if ((heap[above] as Moment)[0] <= moment[0]) break;
      heap[place] = heap[above] as Moment;
      place = above;
    }
    heap[place] = moment;
  }

  pop(): Moment | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      let below = place * 2 + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && (heap[below + 1] as Moment)[0] < (heap[below] as Moment)[0])
        below++;
      if (last[0] <= (heap[below] as Moment)[0]) break;
      heap[place] = heap[below] as Moment;
      place = below;
    }
    heap[place] = last;
    return first;
  }
}
