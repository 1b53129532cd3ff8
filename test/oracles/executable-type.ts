/** Sequential types as their definition says: what an operation does and what it answers. */
import type { Value } from '../../harness/operation.ts';

/** What chance a generator has: harness/random.ts's Draws, or any other. */
export interface Chance {
  /** In [0, 1). */
  next(): number;
  /** An integer in [0, bound). */
  below(bound: number): number;
}

export interface Request {
  readonly f: string;
  readonly input: Value;
}

export interface ExecutableType<State> {
  readonly name: string;
  readonly initial: State;
  /** The state afterwards and the answer; null where it cannot be executed now. Pure. */
  execute(state: State, request: Request): readonly [State, Value] | null;
  /**
   * For types that may answer in several ways: the state after this answer (undefined: not known), undefined when it cannot
   * be. Default: what `execute` answers, and nothing else.
   */
  accept?(state: State, request: Request, recorded: Value | undefined): State | undefined;
  /** Equal states, equal keys. */
  key(state: State): string | number;
  /** An answer that a client got is the one that the definition gives. Default: they are equal JSON. */
  agrees?(answer: Value, recorded: Value): boolean;
  /** Its answer says nothing, and is not to be exchanged for another's. Default: never. */
  blind?(request: Request): boolean;
  /** Any request. `ordinal` counts those of a history, for values that are written once. */
  draw(chance: Chance, ordinal: number): Request;
  /** Another answer than the right one, perhaps: what a broken system might say. */
  lie(chance: Chance, request: Request, answer: Value): Value;
}

export function pick<T>(chance: Chance, items: readonly T[]): T {
  return items[chance.below(items.length)] as T;
}
