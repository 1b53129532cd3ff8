/** The volumes that an undo act names, found wherever they are mounted now. */
import type { UndoAct } from '../../../undo.ts';
import { type OwnMount, ownMounts } from '../volumes/own-mounts.ts';
import { type UndoHands, containerOf } from './hands.ts';
import { unlessMissing } from './in-node.ts';

export interface FoundVolumes {
  /** What to put before the mounts' paths. */
  readonly root: string;
  readonly mounts: readonly OwnMount[];
}

/** By their devices, among the run's own only. None where they are not mounted any more: then there is nothing to do. */
export async function volumesOfAct(act: UndoAct, hands: UndoHands): Promise<FoundVolumes> {
  const { devices } = act;
  const wanted = Array.isArray(devices) ? devices.map(String) : [];
  const named = (pid: number): readonly OwnMount[] =>
    ownMounts(pid, hands.runId).filter(({ numbers }) => wanted.includes(numbers));
  const here = named(process.pid);
  if (here.length > 0) return { root: '', mounts: here };
  // The engine may mount them where only it and its containers see them.
  const pid = await pidOf(act, hands);
  return pid === 0 ? { root: '', mounts: [] } : { root: `/proc/${pid}/root`, mounts: named(pid) };
}

async function pidOf({ node }: UndoAct, hands: UndoHands): Promise<number> {
  const info = await unlessMissing(containerOf(hands, node).inspect());
  return info?.State.Pid ?? 0;
}
