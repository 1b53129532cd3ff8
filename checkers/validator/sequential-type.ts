/** What the validator must know of a type to execute its operations one by one. */
import type { Value } from '../../harness/operation.ts';
import type { JudgingOptions } from '../judging/history-judge.ts';

/** One operation of a history, as its type sees it. */
export interface Step {
  readonly f: string;
  readonly input: Value;
  /** Undefined: never known. */
  readonly output: Value | undefined;
  /** A compare that was evaluated and refused, and recorded as a `fail` (`failedCas: 'compared'`). */
  readonly refused: boolean;
}

export interface SequentialType<State = unknown> {
  initial(options: JudgingOptions): State;
  /** The state afterwards, undefined when the operation cannot have this answer. */
  step(state: State, step: Step): State | undefined;
  /** Equal states, equal keys. */
  key(state: State): string;
  /** What the operation is about, where the type is judged in parts. */
  partition?(step: Step): Value;
  /** With this answer it can never change a state: it may be left out of an illegal history. */
  reads(step: Step): boolean;
  /** It tells nothing and changes nothing: no order needs to name it. Default: none. */
  empty?(step: Step, options: JudgingOptions): boolean;
  /** Of registers: the value that it needs to find, undefined when none; and the one it leaves, undefined when none. */
  needs?(step: Step, options: JudgingOptions): Value | undefined;
  leaves?(step: Step): Value | undefined;
  /** Elements that an answer shows and that some operation must have brought in. Default: none are known. */
  shows?(step: Step): readonly Value[];
  brings?(step: Step): readonly Value[];
}
