/**
 * The canary: stores that are broken on purpose must be caught by the very means that judge the others. When one is not,
 * nothing else that was found, or not found, says anything.
 */
import { availableParallelism } from 'node:os';
import { DEFECTIVE_VERSIONS } from '../clusters/primary-backup/versions.ts';
import { randomTest } from '../clusters/primary-backup/random-test.ts';
import { run } from '../harness/test.ts';
import { jobsFor, makeAttempts } from './regress-attempts.ts';
import { chosenRows } from './regress-rows.ts';

export interface Canary {
  readonly store: string;
  readonly caught: boolean;
  /** What it took, or why it was not caught. */
  readonly told: string;
}

/** Runs in simulated time until one is invalid; many more than it takes on the average (bench:simulated). */
const MOST_RUNS = 300;
/** A real store with a real defect, quick and certain: it is hit in nearly every attempt. */
const REAL = { regression: 'etcd-14370', version: '3.5.4', attempts: 2 };
const MEMORY_MB = 4000;

/** Each of the model's defects in simulated time, and a real store. */
export async function sendCanaries(
  seed: bigint,
  runsDirectory: string,
  interrupt: AbortSignal,
): Promise<readonly Canary[]> {
  const found: Canary[] = [];
  for (const version of DEFECTIVE_VERSIONS) found.push(await simulated(version, seed, interrupt));
  found.push(await real(seed, runsDirectory, interrupt));
  return found;
}

async function simulated(version: string, seed: bigint, interrupt: AbortSignal): Promise<Canary> {
  const store = `primary-backup@${version}`;
  for (let index = 0; index < MOST_RUNS && !interrupt.aborted; index++) {
    const drawn = BigInt.asUintN(64, seed + BigInt(index));
    const spec = randomTest({ version, workload: 'register', seed: drawn });
    const { validity, summary } = await run(spec, interrupt);
    if (validity !== 'invalid') continue;
    return { store, caught: true, told: `in run ${index + 1}: ${summary}` };
  }
  return { store, caught: false, told: `in none of ${MOST_RUNS} runs` };
}

async function real(seed: bigint, runsDirectory: string, interrupt: AbortSignal): Promise<Canary> {
  const rows = chosenRows([REAL.regression], { versions: REAL.version });
  const made = await makeAttempts(
    jobsFor(rows, () => REAL.attempts, seed),
    {
      room: { jobs: availableParallelism(), memoryMb: MEMORY_MB },
      runsDirectory,
      interrupt,
      began: () => undefined,
      phase: () => undefined,
      ended: () => undefined,
    },
  );
  const attempts = [...made.values()];
  const hit = attempts.find(({ outcome }) => outcome === 'hit');
  return {
    store: `${REAL.regression} ${REAL.version}`,
    caught: hit !== undefined,
    told: (hit ?? attempts[0])?.summary ?? 'no attempt',
  };
}
