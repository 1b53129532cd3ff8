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
  readonly violation?: 'stale-read' | 'never-written' | 'lost-write';
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
  const plan = (process: number): Planned => {
    const which = draws.next();
    const order = made++;
    const f = which < reads ? 'read' : which < reads + cas ? 'cas' : 'write';
    const value =
      f === 'read'
        ? null
        : f === 'write'
          ? newValue()
          : [values > 0 ? draws.below(values) : register, newValue()];
    const crashed = crashes(order) && f !== 'read';
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

/** Changes one late read so that no order explains it. */
function violate(
  events: HistoryEvent[],
  { violation, values, operations }: RegisterHistoryOptions,
): HistoryEvent[] {
  if (violation === undefined) return events;
  const from = Math.floor(events.length * 0.95);
  const at = events.findIndex(
    ({ type, f }, index) => index >= from && type === 'ok' && f === 'read',
  );
  const read = events[at];
  if (read === undefined) return events;
  const old = events.findLast(
    ({ type, f }, index) =>
      index < at - Math.min(400, operations / 4) && type === 'ok' && f === 'write',
  );
  const value =
    violation === 'never-written' ? (values ?? 0) + 1_000_000_000 : (old?.value ?? null);
  events[at] = { ...read, value };
  return events;
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
