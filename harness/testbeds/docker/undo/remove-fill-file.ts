/** `remove-fill-file` {node, devices, name}: the file that filled the node's volumes is gone. */
import type { UndoAct } from '../../../undo.ts';
import { runName } from '../run-labels.ts';
import { unfill } from '../volumes/agent.ts';
import { type UndoPerformer } from './hands.ts';
import { volumesOfAct } from './own-volumes.ts';

export const removeFillFile: UndoPerformer = {
  stage: 'resources',
  perform: async (act, hands) => {
    const { root, mounts } = await volumesOfAct(act, hands);
    if (mounts.length > 0) await unfill(root, mounts, fillName(act));
  },
  command: (act, { runId }) =>
    `rm -f "$(docker volume inspect -f '{{.Mountpoint}}' ${runName(runId, `${act.node}-0`)})"/${fillName(act)}`,
};

/** @throws when it is not a name of ours */
function fillName({ name }: UndoAct): string {
  if (typeof name === 'string' && /^\.faultline-fill-[\w.-]+$/.test(name)) return name;
  throw new TypeError('remove-fill-file: expected the name of a fill file');
}
