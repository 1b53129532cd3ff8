/** `thaw-filesystem` {node, devices}: the node's volumes are not frozen. Before anything else: a kill would hang. */
import { thaw } from '../volumes/agent.ts';
import { type UndoPerformer } from './hands.ts';
import { volumesOfAct } from './own-volumes.ts';
import { runName } from '../run-labels.ts';

export const thawFilesystem: UndoPerformer = {
  stage: 'thaw',
  perform: async (act, hands) => {
    const { root, mounts } = await volumesOfAct(act, hands);
    if (mounts.length > 0) await thaw(root, mounts);
  },
  command: ({ node }, { runId }) =>
    `fsfreeze --unfreeze "$(docker volume inspect -f '{{.Mountpoint}}' ${runName(runId, `${node}-0`)})"`,
};
