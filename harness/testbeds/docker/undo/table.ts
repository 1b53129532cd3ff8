/** Every undo act of the Docker testbed by name. */
import { byHand } from './by-hand.ts';
import { clearHostChain } from './clear-host-chain.ts';
import { clearRules } from './clear-rules.ts';
import { clearShaping } from './clear-shaping.ts';
import { clearThrottle } from './clear-throttle.ts';
import { clearToxics } from './clear-toxics.ts';
import { detachTracer } from './detach-tracer.ts';
import { endOnBrokenDisk } from './end-on-broken-disk.ts';
import type { UndoPerformer } from './hands.ts';
import { removeFillFile } from './remove-fill-file.ts';
import { plugCable } from './plug-cable.ts';
import { restoreClock } from './restore-clock.ts';
import { restoreDescriptors } from './restore-descriptors.ts';
import { resume } from './resume.ts';
import { start } from './start.ts';
import { thawThreads } from './thaw-threads.ts';
import { thawFilesystem } from './thaw-filesystem.ts';

export const UNDO_ACTS: Readonly<Record<string, UndoPerformer>> = {
  'by-hand': byHand,
  'clear-host-chain': clearHostChain,
  'clear-rules': clearRules,
  'clear-shaping': clearShaping,
  'plug-cable': plugCable,
  'restore-clock': restoreClock,
  'clear-throttle': clearThrottle,
  'clear-toxics': clearToxics,
  'detach-tracer': detachTracer,
  'end-on-broken-disk': endOnBrokenDisk,
  'remove-fill-file': removeFillFile,
  'thaw-filesystem': thawFilesystem,
  'thaw-threads': thawThreads,
  'restore-descriptors': restoreDescriptors,
  resume,
  start,
};
