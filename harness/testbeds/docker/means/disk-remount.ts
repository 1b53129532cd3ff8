/** File systems that only mounting anew makes whole again. */
import type { Undo } from '../../../undo.ts';
import type { DiskNode } from './disk-node.ts';

/** The container ends if its volumes are in that state, and then all starts again. */
export function remountUndo({ host, mounts }: DiskNode): Undo {
  const devices = mounts.map(({ numbers }) => numbers);
  return [
    { act: 'end-on-broken-disk', node: host.name, devices },
    { act: 'start', node: host.name },
  ];
}
