/**
 * One register's concurrent history as typed arrays: what every engine of this folder works on.
 *
 * Reads of unknown answer and operations that had no effect are left out before. Values are small numbers; equal values,
 * equal numbers.
 */

/** What an operation does. A refused compare tells that the value was another one at some moment. */
export const READ = 0;
export const WRITE = 1;
export const CAS = 2;
export const REFUSED = 3;

/** The end of an open operation: it may happen at any time from its call on, or never. */
export const NEVER = 0x7fffffff;

export interface RegisterProblem {
  /** How many operations there are; the arrays may be longer. Operations are in order of call. */
  readonly count: number;
  readonly kind: Uint8Array;
  /** read: what it returned; write: what it wrote; cas and refused: what it compared with. */
  readonly value: Int32Array;
  /** write and cas: the state afterwards; else the same as `value`. */
  readonly to: Int32Array;
  /** Where in `events` the operation is called. */
  readonly call: Int32Array;
  /** Where in `events` it ends, or NEVER. */
  readonly end: Int32Array;
  /** Index of the invocation in the history. */
  readonly source: Int32Array;
  /** Index of the completion in the history; meaningless for open operations. */
  readonly completion: Int32Array;
  /** Real time: `operation` for its call, `~operation` for its end. */
  readonly events: Int32Array;
  readonly eventCount: number;
  /** The number of the value at the beginning. */
  readonly initial: number;
  /** Numbers of values are below this. */
  readonly valueCount: number;
}

/** One operation by itself, as tests and evidence like it. `call` and `end` are any ranks of real time. */
export interface RegisterStep {
  readonly kind: number;
  readonly value: number;
  readonly to: number;
  readonly call: number;
  /** Infinity or NEVER when open. */
  readonly end: number;
  /** Default: its place in the list. */
  readonly source?: number;
  /** Default: 0. */
  readonly completion?: number;
}

/**
 * A problem of operations in any order. Where a call and an end have the same rank, the call comes first: such operations
 * are concurrent. Open reads and open refused compares tell nothing and must not be among them.
 */
export function problemOf(steps: readonly RegisterStep[], initial: number): RegisterProblem {
  const order = [...steps.keys()].sort((a, b) => at(steps, a).call - at(steps, b).call || a - b);
  const count = order.length;
  const kind = new Uint8Array(count);
  const value = new Int32Array(count);
  const to = new Int32Array(count);
  const call = new Int32Array(count);
  const end = new Int32Array(count).fill(NEVER);
  const source = new Int32Array(count);
  const completion = new Int32Array(count);
  let valueCount = initial + 1;
  order.forEach((from, operation) => {
    const step = at(steps, from);
    kind[operation] = step.kind;
    value[operation] = step.value;
    to[operation] = step.to;
    source[operation] = step.source ?? from;
    completion[operation] = step.completion ?? 0;
    valueCount = Math.max(valueCount, step.value + 1, step.to + 1);
  });
  const ending = [...order.keys()].filter((operation) => endOf(steps, order, operation) < NEVER);
  ending.sort((a, b) => endOf(steps, order, a) - endOf(steps, order, b));
  const events = new Int32Array(count + ending.length);
  let position = 0;
  let called = 0;
  const callUpTo = (rank: number): void => {
    for (; called < count && at(steps, order[called] as number).call <= rank; called++) {
      call[called] = position;
      events[position++] = called;
    }
  };
  for (const operation of ending) {
    callUpTo(endOf(steps, order, operation));
    end[operation] = position;
    events[position++] = ~operation;
  }
  callUpTo(Infinity);
  const eventCount = position;
  const columns = { kind, value, to, call, end, source, completion };
  return { count, ...columns, events, eventCount, initial, valueCount };
}

function at(steps: readonly RegisterStep[], index: number): RegisterStep {
  return steps[index] as RegisterStep;
}

function endOf(
  steps: readonly RegisterStep[],
  order: readonly number[],
  operation: number,
): number {
  return at(steps, order[operation] as number).end;
}
