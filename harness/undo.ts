/**
 * Undo data: what puts a fault right when whoever fired it is gone. Plain data, never code: it is journaled and on disk
 * before the fault fires, and read by the guardian, by the next start and by `faultline heal`.
 */
import type { NodeName, Value } from './operation.ts';

/**
 * One act of undoing. It states what is to be true afterwards (absolute, not relative), so that doing it twice changes
 * nothing, and one whose target is gone counts as done.
 */
export interface UndoAct {
  /** The act's name in the testbed's table of acts. */
  readonly act: string;
  /** The node it is about. Default: none in particular. */
  readonly node?: NodeName;
  readonly [detail: string]: Value | undefined;
}

/** What undoes one fault, in any order: the acts know their own places (a frozen disk is thawed before a kill). */
export type Undo = readonly UndoAct[];

/** What became of one act. */
export interface UndoOutcome {
  readonly act: UndoAct;
  /** Null: done, and seen to be so. Else why not, with the command that does it. */
  readonly problem: { readonly reason: string; readonly command: string } | null;
}

/** Undoes faults of one run, with nothing of the harness that fired them. */
export interface UndoBackend {
  /** Does all of it, in its own order. One act that fails stops nothing. Never rejects. */
  perform(undo: Undo): Promise<readonly UndoOutcome[]>;
}
