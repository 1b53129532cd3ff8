/** The fault schedule of a run: drawn from the seed, or read from a file. */
import { readFile } from 'node:fs/promises';
import type { FaultStep, NemesisPackage } from '../harness/nemesis.ts';
import type { Nanoseconds, NodeName } from '../harness/operation.ts';
import { randomSchedule } from '../nemesis/random-schedule.ts';
import { requirePackages } from '../nemesis/registry.ts';
import type { KnownNames } from '../nemesis/schedule-check.ts';
import { UsageError } from './exit-code.ts';

interface ScheduleOptions {
  readonly faults: string;
  readonly schedule?: string;
  readonly targets: string;
}

interface ScheduleContext {
  readonly nodes: readonly NodeName[];
  /** Names of the system's probes. */
  readonly probes: readonly string[];
  readonly seed: bigint;
  readonly timeLimit: Nanoseconds;
}

/** @throws UsageError naming what was wrong in the file or the list. */
export async function scheduleFor(
  options: ScheduleOptions,
  { nodes, probes, seed, timeLimit }: ScheduleContext,
): Promise<{ schedule: readonly FaultStep[]; packages: readonly string[] }> {
  if (options.schedule !== undefined) {
    const known = { nodes, probes };
    return { schedule: await readSchedule(options.schedule, options.targets, known), packages: [] };
  }
  const packages = packagesNamed(options.faults);
  const schedule = randomSchedule({ packages, nodes, seed, timeLimitNanos: timeLimit });
  return { schedule, packages: packages.map(({ name }) => name) };
}

function packagesNamed(list: string): readonly NemesisPackage[] {
  try {
    return requirePackages(list);
  } catch (error) {
    throw new UsageError(`--faults: ${(error as Error).message}`);
  }
}

async function readSchedule(
  path: string,
  targets: string,
  known: KnownNames,
): Promise<readonly FaultStep[]> {
  if (targets !== 'role' && targets !== 'recorded') {
    throw new UsageError(`--targets: expected role or recorded, got "${targets}"`);
  }
  const { parseRecordedSchedule, parseSchedule, ScheduleError } =
    await import('../nemesis/schedule-file.ts');
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--schedule: cannot read ${path}: ${(error as Error).message}`);
  }
  try {
    return path.endsWith('.jsonl')
      ? parseRecordedSchedule(text, path, targets, known)
      : parseSchedule(text, path, known);
  } catch (error) {
    if (error instanceof ScheduleError) throw new UsageError(error.message);
    throw error;
  }
}
