/** The fault schedule of a run: drawn from the seed, or read from a file. */
import { readFile } from 'node:fs/promises';
import type { FaultStep, Moments, NemesisPackage } from '../harness/nemesis.ts';
import type { Nanoseconds, NodeName } from '../harness/operation.ts';
import { drawMix } from '../nemesis/mix.ts';
import { type QuietShares, randomSchedule } from '../nemesis/random-schedule.ts';
import { PACKAGES, requirePackages } from '../nemesis/registry.ts';
import type { KnownNames } from '../nemesis/schedule-check.ts';
import { UsageError } from './exit-code.ts';
import { parseList, parseShare, parseWord } from './values.ts';

/** Words for `--faults` that stand for a mix drawn from all packages. */
const MIXED = ['random', 'all'];

interface ScheduleOptions {
  readonly faults: string;
  readonly triggers?: string;
  readonly quorum: string;
  readonly quiet?: string;
  readonly schedule?: string;
  readonly targets: string;
}

interface ScheduleContext {
  readonly nodes: readonly NodeName[];
  /** What is known of the system: its probes, its catalogue. */
  readonly moments: Moments;
  readonly seed: bigint;
  readonly timeLimit: Nanoseconds;
}

/** @throws UsageError naming what was wrong in the file or the list. */
export async function scheduleFor(
  options: ScheduleOptions,
  context: ScheduleContext,
): Promise<{ schedule: readonly FaultStep[]; packages: readonly string[] }> {
  const { nodes, moments, seed, timeLimit } = context;
  if (options.schedule !== undefined) {
    const known = { nodes, probes: moments.probes };
    return { schedule: await readSchedule(options.schedule, options.targets, known), packages: [] };
  }
  const mixed = MIXED.includes(options.faults.trim());
  const packages = mixed
    ? drawMix(
        PACKAGES.filter(({ suits }) => suits?.(moments) ?? true),
        { seed, most: nodes.length },
      )
    : packagesNamed(options.faults);
  const triggers = options.triggers ?? (mixed ? 'drawn' : 'times');
  const schedule = randomSchedule({
    packages,
    nodes,
    seed,
    timeLimitNanos: timeLimit,
    moments,
    triggers: parseWord(triggers, '--triggers', ['times', 'drawn']),
    quorum: parseWord(options.quorum, '--quorum', ['any', 'keep']),
    ...(options.quiet === undefined ? {} : { quiet: quietShares(options.quiet) }),
  });
  return { schedule, packages: packages.map(({ name }) => name) };
}

/** `0.05,0,0.2`. @throws UsageError */
function quietShares(text: string): QuietShares {
  const [beginning, middle, end, ...more] = parseList(text).map((part) =>
    parseShare(part, '--quiet'),
  );
  if (beginning === undefined || middle === undefined || end === undefined || more.length > 0) {
    throw new UsageError(
      `--quiet: expected three shares such as 0.05,0.1,0.2 (beginning, middle, end), got "${text}"`,
    );
  }
  if (beginning + middle + end >= 1) {
    throw new UsageError(`--quiet: expected shares that leave time for faults, got "${text}"`);
  }
  return { beginning, middle, end };
}

function packagesNamed(list: string): readonly NemesisPackage[] {
  try {
    return requirePackages(list);
  } catch (error) {
    throw new UsageError(`--faults: ${(error as Error).message}, or random`);
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
