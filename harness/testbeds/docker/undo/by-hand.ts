/**
 * `by-hand`: what nobody but a person can put right, since what it was before is lost: a volume thrown away, a member
 * removed, a node upgraded. `what` says what it is, `command` what mends it.
 */
import { RUN_LABEL } from '../leftovers.ts';
import type { UndoPerformer } from './hands.ts';

export const byHand: UndoPerformer = {
  stage: 'start',
  async perform({ what }, { docker, runId }) {
    const filters = JSON.stringify({ label: [`${RUN_LABEL}=${runId}`] });
    const nodes = await docker.listContainers({ all: true, filters });
    if (nodes.length === 0) return; // What it is about was removed with its cluster.
    throw new Error(typeof what === 'string' ? what : 'cannot be undone by itself');
  },
  command: ({ command }, { runId }) =>
    typeof command === 'string' ? command : `faultline heal ${runId}`,
};
