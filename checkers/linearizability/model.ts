/**
 * Models: sequential types against which concurrent histories are judged. A user's own takes a few lines:
 *
 *     const counter: Model<number> = {
 *       name: 'counter',
 *       init: () => 0,
 *       step: (state, { f, input, output }) =>
 *         f === 'add' ? state + Number(input) : output === undefined || output === state ? state : undefined,
 *     };
 */
import type { Value } from '../../harness/operation.ts';

/** One operation as a model sees it. */
export interface ModelOperation {
  readonly f: string;
  readonly input: Value;
  /** Undefined when it never completed: then any output is possible. */
  readonly output: Value | undefined;
}

export interface Model<State = unknown> {
  readonly name: string;
  init(): State;
  /**
   * The state after the operation, or undefined when it cannot have this output here. Pure; states are never changed.
   */
  step(state: State, operation: ModelOperation): State | undefined;
  /** Equal states, equal keys. Default: their JSON text. */
  key?(state: State): string | number;
  /**
   * What the operation is about, where the type is local (a history is legal when each part of it is): a map's key.
   * Never for guarantees that span parts. Default: not partitioned.
   */
  partition?(operation: ModelOperation): Value;
  /** Whether the operation never changes the state, whatever the state is. It speeds the search. Default: unknown. */
  isRead?(operation: ModelOperation): boolean;
  /** For evidence. Default: `f input → output`. */
  describe?(operation: ModelOperation): string;
  describeState?(state: State): string;
}

/** One operation of a concurrent history. */
export interface ConcurrentOperation extends ModelOperation {
  /** Index of the invocation in its history. */
  readonly index: number;
  readonly process: number;
  /** Place in the real-time order. An operation ends before another begins when its `end` is below the other's `call`. */
  readonly call: number;
  /** Infinity when it never completed: it may have happened at any time from `call` on, or never. */
  readonly end: number;
}
