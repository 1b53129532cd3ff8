/** Every undo act of the Docker testbed by name. */
import type { UndoPerformer } from './hands.ts';

export const UNDO_ACTS: Readonly<Record<string, UndoPerformer>> = {};
