/** `restore-descriptors` {node, pid, started, limit}: that very process may have so many open files, `soft:hard`. */
import { processStarted } from '../../../guardian/process-started.ts';
import { descriptorLimit, setDescriptorLimit } from '../means/descriptor-limit.ts';
import type { UndoPerformer } from './hands.ts';

export const restoreDescriptors: UndoPerformer = {
  stage: 'resources',
  perform: async ({ pid, started, limit }) => {
    if (typeof pid !== 'number' || typeof limit !== 'string') {
      throw new TypeError('restore-descriptors: expected a pid and a limit');
    }
    if (processStarted(pid) !== started) return; // its limit ended with it
    setDescriptorLimit(pid, limit);
    if (descriptorLimit(pid) !== limit && processStarted(pid) === started) {
      throw new Error(`process ${pid} has another limit: ${descriptorLimit(pid)}`);
    }
  },
  command: ({ pid, limit }) =>
    `prlimit --pid ${JSON.stringify(pid)} --nofile=${JSON.stringify(limit)}`,
};
