/** Every undo act of the Docker testbed by name. */
import { byHand } from './by-hand.ts';
import { clearRules } from './clear-rules.ts';
import type { UndoPerformer } from './hands.ts';
import { restoreClock } from './restore-clock.ts';
import { resume } from './resume.ts';
import { start } from './start.ts';

export const UNDO_ACTS: Readonly<Record<string, UndoPerformer>> = {
  'by-hand': byHand,
  'clear-rules': clearRules,
  'restore-clock': restoreClock,
  resume,
  start,
};
