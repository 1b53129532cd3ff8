/** What undo acts may use: the engine and the run's names, nothing of the harness that fired the fault. */
import type Docker from 'dockerode';
import type { NodeName } from '../../../operation.ts';
import type { UndoAct } from '../../../undo.ts';
import { runName } from '../run-labels.ts';

export interface UndoHands {
  readonly runId: string;
  readonly docker: Docker;
}

/** What undoing waits for: at each node a stage's acts are done at once, after those of the stages before. */
export const UNDO_STAGES = [
  // A kill hangs on a frozen file system, and an exec fails in a paused container.
  'thaw',
  'continue',
  // Tracers are let go of before what they trace is changed.
  'detach',
  'clock',
  'network',
  'resources',
  'start',
] as const;
export type UndoStage = (typeof UNDO_STAGES)[number];

/**
 * How one kind of undo act is done. The guardian runs it when the harness is long gone: everything it needs is imported
 * at the top of its file, as what was compiled may be replaced meanwhile.
 */
export interface UndoPerformer {
  readonly stage: UndoStage;
  /**
   * Makes true what the act states, and looks that it is. Idempotent; a target that is gone counts as done.
   * @throws when it could not
   */
  perform(act: UndoAct, hands: UndoHands): Promise<void>;
  /** The command by which a person does it, where `perform` could not. */
  command(act: UndoAct, hands: UndoHands): string;
}

/** The container that a node of the run is, whether it runs or not. */
export function containerOf(hands: UndoHands, node: NodeName | undefined): Docker.Container {
  if (node === undefined) throw new TypeError('an undo act of a container names no node');
  return hands.docker.getContainer(runName(hands.runId, node));
}
