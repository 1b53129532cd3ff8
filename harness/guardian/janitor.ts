/** Heals what dead runs have left: at every start of a run, and as `faultline heal`. */
import { realClock } from '../clock.ts';
import type { UndoBackend } from '../undo.ts';
import { connectBackend } from './backends.ts';
import { FaultFile } from './fault-file.ts';
import { healFaults, type NotHealed } from './heal-faults.ts';
import { isUnderWay, type RunEntry, type RunRegistry } from './run-registry.ts';
import { unhealedFaults } from './unhealed.ts';

/** What became of one dead run's faults. */
export interface MendedRun {
  readonly entry: RunEntry;
  /** How many were healed now. */
  readonly healed: number;
  readonly left: readonly NotHealed[];
}

/** Finds the nodes of a run again. @throws when they cannot be reached */
export type Reach = (entry: RunEntry) => Promise<UndoBackend>;

const reachNodes: Reach = ({ testbed, runId, settings }) =>
  connectBackend(testbed, runId, settings);

/**
 * Heals the faults of every run whose harness is gone, and forgets those runs of which none is left. Never rejects.
 * @param chosen which runs. Default: all
 */
export async function mendDeadRuns(
  registry: RunRegistry,
  chosen: (entry: RunEntry) => boolean = () => true,
  reach: Reach = reachNodes,
): Promise<readonly MendedRun[]> {
  const dead = registry.list().filter((entry) => !isUnderWay(entry) && chosen(entry));
  const mended = await Promise.all(dead.map((entry) => mendRun(entry, reach)));
  for (const { entry, left } of mended) if (left.length === 0) registry.remove(entry.runId);
  return mended.filter(({ healed, left }) => healed > 0 || left.length > 0);
}

async function mendRun(entry: RunEntry, reach: Reach): Promise<MendedRun> {
  const file = new FaultFile(entry.directory);
  const records = file.read();
  const faults = unhealedFaults(records);
  if (faults.length === 0) return { entry, healed: 0, left: [] };
  try {
    const backend = await reach(entry);
    const last = records.at(-1);
    const latest = last === undefined || last.state === 'intended' ? 0 : last.notAfter;
    const clock = realClock(entry.origin);
    // The machine may have been started anew since: its clock began again then.
    const now = (): number => Math.max(clock.now(), latest);
    const healing = {
      backend,
      file,
      clock: { ...clock, now },
      by: 'janitor',
      alone: true,
    } as const;
    const left = await healFaults(faults, healing);
    return { entry, healed: faults.length - left.length, left };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const command = `faultline heal ${entry.runId}`;
    const left = faults.map(({ id }) => ({ id, reason, command, byHand: false }));
    return { entry, healed: 0, left };
  }
}
