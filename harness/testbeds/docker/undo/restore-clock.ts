/** The undo act `restore-clock`: the clock functions of a node's processes are the kernel's own again. */
import type { NodeName, Value } from '../../../operation.ts';
import type { UndoAct } from '../../../undo.ts';
import { processStarted } from '../../../guardian/process-started.ts';
import { descendants } from '../host-view.ts';
import { clockState, type VdsoBytes, writeBytes } from '../means/clock-patch.ts';
import { runName } from '../run-labels.ts';
import { containerOf, type UndoHands, type UndoPerformer } from './hands.ts';
import { unlessMissing } from './in-node.ts';

/**
 * @param pristine what the kernel put where the stub and the jumps to it go, the stub's place last
 * @param pids processes that are changed for certain; any other of the node's is found when it is undone
 */
export function restoreClockAct(
  node: NodeName,
  pristine: readonly VdsoBytes[],
  pids: readonly number[],
): UndoAct {
  const processes = pids.flatMap((pid): Value[] => {
    const started = processStarted(pid);
    return started === null ? [] : [[pid, started]];
  });
  const bytes = pristine.map((part): Value => [part.offset, part.bytes.toString('hex')]);
  return { act: 'restore-clock', node, bytes, processes };
}

export const restoreClock: UndoPerformer = {
  stage: 'clock',
  async perform(act, hands) {
    const pristine = bytesOf(act);
    for (const [pid, started] of pairsOf(act['processes'])) {
      if (processStarted(Number(pid)) === started) restore(Number(pid), pristine);
    }
    // Servers that were started since, and what they started.
    for (const pid of await processesOf(act, hands)) restore(pid, pristine);
  },
  // A program that is started anew has the kernel's own functions.
  command: (act, hands) => `docker restart ${runName(hands.runId, act.node)}`,
};

function restore(pid: number, pristine: readonly VdsoBytes[]): void {
  // Jumps first, so that none ever leads nowhere.
  if (clockState(pid, pristine) === 'skewed') writeBytes(pid, pristine, pristine);
}

/** Host pids of all that runs in the node. Empty: it is gone, or does not run. */
async function processesOf(act: UndoAct, hands: UndoHands): Promise<readonly number[]> {
  const info = await unlessMissing(containerOf(hands, act.node).inspect());
  if (info?.State.Running !== true) return [];
  const { Pid: first } = info.State;
  return [first, ...descendants(first)];
}

function bytesOf(act: UndoAct): readonly VdsoBytes[] {
  return pairsOf(act['bytes']).map(([offset, hex]) => ({
    offset: Number(offset),
    bytes: Buffer.from(typeof hex === 'string' ? hex : '', 'hex'),
  }));
}

function pairsOf(value: Value | undefined): readonly (readonly [Value, Value])[] {
  if (!Array.isArray(value)) return [];
  return value.map((pair) =>
    Array.isArray(pair) ? [pair[0] ?? null, pair[1] ?? null] : [null, null],
  );
}
