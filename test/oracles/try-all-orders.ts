/**
 * Is there an order of operations that a type can have executed one by one? Every order is tried, and nothing else is
 * done: which operations are left and the state decide all that follows, so each such pair is entered once.
 */
import type { Value } from '../../harness/operation.ts';
import type { ExecutableType, Request } from './executable-type.ts';

/** One operation of a history. Not more than 30 of them. */
export interface Recorded extends Request {
  readonly process: number;
  /** What it answered; undefined when it was never known, or the operation may never have happened. */
  readonly output: Value | undefined;
  readonly call: number;
  /** Infinity when it may have happened at any time from its call on, or never. */
  readonly end: number;
}

/** Linearizability: what ended before another was called comes before it. */
export function isLinearizable<State>(
  type: ExecutableType<State>,
  operations: readonly Recorded[],
): boolean {
  return hasOrder(type, operations, (one, other) => one.end < other.call);
}

/** Sequential consistency: a process's own operations keep their order. */
export function isSequential<State>(
  type: ExecutableType<State>,
  operations: readonly Recorded[],
): boolean {
  return hasOrder(
    type,
    operations,
    (one, other) => one.process === other.process && one.call < other.call,
  );
}

/** Whether an order exists that respects `precedes`; what never ended may be left out. */
export function hasOrder<State>(
  type: ExecutableType<State>,
  operations: readonly Recorded[],
  precedes: (one: Recorded, other: Recorded) => boolean,
): boolean {
  const count = operations.length;
  const before = operations.map((other) =>
    operations.reduce((mask, one, bit) => (precedes(one, other) ? mask | (1 << bit) : mask), 0),
  );
  const needed = operations.reduce(
    (mask, { end }, bit) => (end < Infinity ? mask | (1 << bit) : mask),
    0,
  );
  const entered = new Map<number, Set<string | number>>();
  const complete = (done: number, state: State): boolean => {
    if ((needed & ~done) === 0) return true;
    let states = entered.get(done);
    if (states === undefined) entered.set(done, (states = new Set()));
    const key = type.key(state);
    if (states.has(key)) return false;
    states.add(key);
    for (let bit = 0; bit < count; bit++) {
      if ((done & (1 << bit)) !== 0 || ((before[bit] as number) & ~done) !== 0) continue;
      const operation = operations[bit] as Recorded;
      const after = follow(type, state, operation);
      if (after !== undefined && complete(done | (1 << bit), after)) return true;
    }
    return false;
  };
  return complete(0, type.initial);
}

/** The state after the operation, undefined when it cannot have been executed with its answer here. */
function follow<State>(
  type: ExecutableType<State>,
  state: State,
  operation: Recorded,
): State | undefined {
  const { output } = operation;
  if (type.accept !== undefined) return type.accept(state, operation, output);
  const executed = type.execute(state, operation);
  if (executed === null) return undefined;
  const [after, answer] = executed;
  return output === undefined || agrees(type, answer, output) ? after : undefined;
}

function agrees<State>(type: ExecutableType<State>, answer: Value, recorded: Value): boolean {
  if (type.agrees !== undefined) return type.agrees(answer, recorded);
  return answer === recorded || JSON.stringify(answer) === JSON.stringify(recorded);
}
