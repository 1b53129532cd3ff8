/**
 * `end-on-broken-disk` {node, devices}: the container does not run on a file system that is shut down or went
 * read-only. It is ended, which unmounts it; `start` mounts it anew.
 */
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { runName } from '../run-labels.ts';
import { type UndoPerformer, containerOf } from './hands.ts';
import { unlessSoAlready } from './in-node.ts';
import { volumesOfAct } from './own-volumes.ts';

export const endOnBrokenDisk: UndoPerformer = {
  stage: 'resources',
  perform: async (act, hands) => {
    const { root, mounts } = await volumesOfAct(act, hands);
    const broken = await Promise.all(mounts.map(({ path }) => isBroken(join(root, path))));
    if (!broken.includes(true)) return;
    const container = containerOf(hands, act.node);
    await unlessSoAlready(container.kill());
    await unlessSoAlready(container.wait());
  },
  command: ({ node }, { runId }) => `docker kill ${runName(runId, node)}`,
};

/** Whether nothing can be written for such a reason. */
async function isBroken(path: string): Promise<boolean> {
  const probe = join(path, '.faultline-look');
  try {
    await (await open(probe, 'w')).close();
    await unlink(probe);
    return false;
  } catch (error) {
    return ['EIO', 'EROFS', 'ESHUTDOWN'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}
