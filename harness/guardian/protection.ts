/**
 * What a run is put under before anything is made: it is entered in the registry of runs, and a guardian is started
 * that heals its faults when the harness dies. What earlier runs left broken is healed first.
 */
import { resolve } from 'node:path';
import { machineMillis, type Clock } from '../clock.ts';
import { MILLISECOND } from '../operation.ts';
import type { Testbed } from '../testbed.ts';
import { mendDeadRuns } from './janitor.ts';
import { processStarted } from './process-started.ts';
import { type RunEntry, RunRegistry } from './run-registry.ts';
import { StartedGuardian } from './start-guardian.ts';

export interface Protected {
  readonly runId: string;
  readonly directory: string;
  readonly testbed: Testbed;
  readonly clock: Clock;
  readonly say: (line: string) => void;
}

/** A run's protection. */
export interface Protection {
  /** The harness has healed what it broke. @param clean and nothing of the run is left to be looked after */
  end(clean: boolean): void;
}

/** Null where nothing outlives this process: a simulated run. */
export async function protect(run: Protected): Promise<Protection | null> {
  const { runId, testbed, clock, say } = run;
  if (testbed.undoSettings === undefined) return null;
  const registry = new RunRegistry();
  for (const { entry, healed, left } of await mendDeadRuns(registry)) {
    if (healed > 0) say(`healed ${healed} faults that run ${entry.runId} had left`);
    for (const { id, reason, command } of left) {
      say(`run ${entry.runId} has left ${id}: ${reason}; by hand: ${command}`);
    }
  }
  const entry: RunEntry = {
    runId,
    pid: process.pid,
    started: processStarted(process.pid) ?? '',
    directory: resolve(run.directory),
    testbed: testbed.kind,
    settings: testbed.undoSettings,
    origin: machineMillis() - clock.now() / MILLISECOND,
  };
  registry.write(entry);
  const started = (guardian: number): void => registry.write({ ...entry, guardian });
  const guardian = new StartedGuardian({ entry, folder: registry.folder, clock, say, started });
  return {
    end: (clean) => {
      guardian.end();
      if (clean) registry.remove(runId);
    },
  };
}
