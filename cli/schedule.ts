/** The fault schedule of a run: drawn from the seed, or read from a file. */
import { readFile } from 'node:fs/promises';
import { unknownName } from '../harness/nearest.ts';
import type { FaultStep } from '../harness/nemesis.ts';
import type { Nanoseconds, NodeName } from '../harness/operation.ts';
import { PACKAGES } from '../nemesis/packages.ts';
import { randomSchedule } from '../nemesis/random-schedule.ts';
import { parseSchedule, ScheduleError } from '../nemesis/schedule-file.ts';
import { UsageError } from './exit-code.ts';
import { parseList } from './values.ts';

interface ScheduleOptions {
  readonly faults: string;
  readonly schedule?: string;
  readonly targets: string;
}

interface ScheduleContext {
  readonly nodes: readonly NodeName[];
  readonly seed: bigint;
  readonly timeLimit: Nanoseconds;
}

/** @throws UsageError naming what was wrong in the file or the list. */
export async function scheduleFor(
  options: ScheduleOptions,
  { nodes, seed, timeLimit }: ScheduleContext,
): Promise<{ schedule: readonly FaultStep[]; packages: readonly string[] }> {
  if (options.schedule !== undefined) {
    return { schedule: await readSchedule(options.schedule, options.targets), packages: [] };
  }
  const names = options.faults === 'none' ? [] : parseList(options.faults);
  const packages = names.map(packageNamed);
  if (packages.length === 0) return { schedule: [], packages: [] };
  const schedule = randomSchedule({ packages, nodes, seed, timeLimitNanos: timeLimit });
  return { schedule, packages: names };
}

function packageNamed(name: string): (typeof PACKAGES)[number] {
  const found = PACKAGES.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  const names = PACKAGES.map((known) => known.name);
  throw new UsageError(unknownName('fault', name, [...names, 'none']));
}

async function readSchedule(path: string, targets: string): Promise<readonly FaultStep[]> {
  if (targets !== 'role' && targets !== 'recorded') {
    throw new UsageError(`--targets: expected role or recorded, got "${targets}"`);
  }
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--schedule: cannot read ${path}: ${(error as Error).message}`);
  }
  try {
    return parseSchedule(text, { targets });
  } catch (error) {
    if (error instanceof ScheduleError) throw new UsageError(`${path}: ${error.message}`);
    throw error;
  }
}
