/** One kill: a harness under faults, SIGKILL, what is seen from outside, and what is left in the end. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { execa } from 'execa';
import { type Clock, realClock } from '../../../harness/clock.ts';
import { FaultFile } from '../../../harness/guardian/fault-file.ts';
import { NOT_HEALED_FILE } from '../../../harness/guardian/guardian-words.ts';
import { mendDeadRuns } from '../../../harness/guardian/janitor.ts';
import { processStarted } from '../../../harness/guardian/process-started.ts';
import { RunRegistry } from '../../../harness/guardian/run-registry.ts';
import { unhealedFaults } from '../../../harness/guardian/unhealed.ts';
import type { FaultRecord } from '../../../harness/nemesis.ts';
import { MILLISECOND, SECOND, type Nanoseconds } from '../../../harness/operation.ts';
import { listLeftovers, removeLeftover } from '../../../harness/testbeds/docker/leftovers.ts';
import type { ForeignThings } from '../../live/foreign-things.ts';
import { HarnessProcess } from '../../live/harness-process.ts';
import { hostMounts, hostRules, presentOnHost, tracesOf } from '../../live/host-traces.ts';
import type { DrawnKill } from './draw-kill.ts';
import { lookAt } from './outside-look.ts';
import { untilServing } from './serving.ts';

/** How long is looked for; what takes longer was not healed in time. */
const LOOK_LIMIT = 10 * SECOND;
/** A guardian tries again what could not be undone at once. */
const CONCLUSION_LIMIT = 20 * SECOND;
const LOOK_PERIOD = 20 * MILLISECOND;

export interface Ground {
  readonly docker: Docker;
  /** Where run directories and schedules go. */
  readonly folder: string;
  readonly foreign: ForeignThings;
}

/** What became of it. Times are counted from the kill. */
export interface KillResult {
  readonly kill: DrawnKill;
  readonly runId: string;
  /** Kinds that fired before the kill, and those of them that were in effect when it came. */
  readonly fired: readonly string[];
  readonly inEffect: readonly string[];
  /** What was seen of the faults from outside, just before the kill. */
  readonly seenBefore: readonly string[];
  /** Kinds that were skipped or did not take effect, with the reason. */
  readonly skipped: readonly string[];
  /** Null: not within the limit. */
  readonly healedAfter: Nanoseconds | null;
  readonly startedAfter: Nanoseconds | null;
  readonly servingAfter: Nanoseconds | null;
  /** What the guardian's own log says; null when it was killed. */
  readonly guardian: string | null;
  /** What only a person can mend, as the guardian listed it. */
  readonly byHand: readonly string[];
  /** Everything that is not as it should be. Empty: nothing. */
  readonly wrong: readonly string[];
}

const clock: Clock = realClock();

/** Runs it. @throws when the harness did not come as far as its main phase */
export async function performKill(kill: DrawnKill, ground: Ground): Promise<KillResult> {
  const { docker, foreign } = ground;
  const before = await others(foreign, []);
  const harness = start(kill, ground.folder);
  try {
    const { id, directory } = await harness.run();
    await harness.line(/^phase drive$/);
    // A warm cluster: ZooKeeper never syncs its first snapshot, and does not start again when a disk lost it.
    await execa('sync');
    await clock.sleep(kill.instant);
    const traces = await tracesOf(docker, id);
    const broken = await lookAt(docker, id);
    end(kill, harness, id);
    const killed = clock.now();
    await harness.ended;
    const seen = await watch(ground, id, kill, killed);
    await concluded(id);
    const records = new FaultFile(directory).read();
    const serving = await untilServing(docker, id, kill.system, clock);
    const byHand = listedByHand(directory);
    const wrong = [...seen.wrong, ...unlisted(records, byHand)];
    wrong.push(...(await remove(docker, id)));
    wrong.push(...presentOnHost(traces).map((what) => `left: ${what}`));
    const after = await others(foreign, traces.networks);
    wrong.push(...differences(before, after));
    return {
      ...{ kill, runId: id, byHand, wrong, ...tellFaults(records) },
      seenBefore: [...broken.broken, ...broken.down],
      healedAfter: seen.healedAfter,
      startedAfter: seen.startedAfter,
      guardian: guardianLog(directory),
      servingAfter: serving ? clock.now() - killed : null,
    };
  } finally {
    harness.signal('SIGKILL');
  }
}

function start(kill: DrawnKill, folder: string): HarnessProcess {
  mkdirSync(folder, { recursive: true });
  const schedule = join(folder, `schedule-${kill.number}.json`);
  writeFileSync(schedule, JSON.stringify({ steps: kill.schedule }));
  return new HarnessProcess([
    ...['run', kill.system, '--time', '30', '--rate', '50', '--seed', String(kill.number)],
    ...['--schedule', schedule, '--runs-dir', folder],
  ]);
}

/** The harness, and its guardian where that is asked for, in one moment. */
function end({ withGuardian }: DrawnKill, harness: HarnessProcess, runId: string): void {
  const entry = new RunRegistry().list().find((one) => one.runId === runId);
  if (withGuardian && entry?.guardian !== undefined) process.kill(entry.guardian, 'SIGKILL');
  harness.signal('SIGKILL');
}

/** Waits until the guardian, where it lives, has said what it did. */
async function concluded(runId: string): Promise<void> {
  const entry = new RunRegistry().list().find((one) => one.runId === runId);
  const limit = clock.now() + CONCLUSION_LIMIT;
  while (entry?.guardian !== undefined && processStarted(entry.guardian) !== null) {
    if (clock.now() > limit) return;
    await clock.sleep(50 * MILLISECOND);
  }
}

type Seen = Pick<KillResult, 'healedAfter' | 'startedAfter' | 'wrong'>;

/** Looks until everything is healed and runs. Without a guardian the next start of a run does it. */
async function watch(
  { docker }: Ground,
  runId: string,
  { withGuardian, schedule }: DrawnKill,
  killed: Nanoseconds,
): Promise<Seen> {
  let healedAfter: Nanoseconds | null = null;
  let upAfter: Nanoseconds | null = null;
  if (withGuardian) {
    await mendDeadRuns(new RunRegistry(), (entry) => entry.runId === runId);
  }
  for (;;) {
    const { broken, down } = await lookAt(docker, runId);
    const at = clock.now() - killed;
    if (broken.length > 0) healedAfter = null;
    else healedAfter ??= at;
    const lost = schedule.some(({ kind }) => MAY_STAY_DOWN.test(kind));
    // All that can be started: one node may be beyond that.
    if (down.length > (lost ? 1 : 0)) upAfter = null;
    else upAfter ??= at;
    if (broken.length === 0 && (down.length === 0 || (lost && at > 5 * SECOND))) {
      return { healedAfter, startedAfter: upAfter, wrong: upAfter === null ? down : [] };
    }
    if (at > LOOK_LIMIT) return { healedAfter, startedAfter: null, wrong: [...broken, ...down] };
    await clock.sleep(LOOK_PERIOD);
  }
}

/** A member that was removed ends by itself, and so may one whose data is lost. */
const MAY_STAY_DOWN = /^(member-|disk-lost|file-|io-error|fsync-lying|downgrade|upgrade)/;

function tellFaults(
  records: readonly FaultRecord[],
): Pick<KillResult, 'fired' | 'inEffect' | 'skipped'> {
  const own = records.filter((record) => record.state !== 'intended' && record.by === undefined);
  const kinds = new Map(
    records.flatMap((record) =>
      record.state === 'intended' ? [[record.step.id, record.step.kind]] : [],
    ),
  );
  const reached = (...states: string[]): string[] =>
    own.flatMap((record) =>
      record.state !== 'intended' && states.includes(record.state)
        ? [kinds.get(record.id) ?? record.id]
        : [],
    );
  const healed = reached('healed');
  const fired = reached('fired');
  return {
    fired,
    inEffect: fired.filter((kind) => !healed.includes(kind)),
    skipped: own.flatMap((record) =>
      record.state === 'skipped' || record.state === 'failed'
        ? [`${kinds.get(record.id) ?? record.id}: ${record.reason ?? ''}`]
        : [],
    ),
  };
}

function guardianLog(directory: string): string | null {
  const path = join(directory, 'guardian.log');
  const said = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  return said === '' ? null : said.split('\n').slice(1).join('; ');
}

/** What the guardian says that a person must do. */
function listedByHand(directory: string): readonly string[] {
  const path = join(directory, NOT_HEALED_FILE);
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').split('\n').filter(Boolean);
}

/** Faults that nobody healed and nobody listed. */
function unlisted(records: readonly FaultRecord[], byHand: readonly string[]): readonly string[] {
  const listed = byHand.join('\n');
  return unhealedFaults(records)
    .filter(({ id, undo }) => {
      const stays = undo.some(({ act }) => act === 'by-hand');
      return !(stays && (listed === '' || listed.includes(id)));
    })
    .map(({ id }) => `not healed, and not listed: ${id}`);
}

/** As `heal` does. @returns what is still there afterwards */
async function remove(docker: Docker, runId: string): Promise<readonly string[]> {
  const mine = (await listLeftovers(docker)).find(({ run }) => run === runId);
  if (mine === undefined) return ['nothing of the run was there to be removed'];
  const problems = await removeLeftover(docker, mine);
  new RunRegistry().remove(runId);
  const left = (await listLeftovers(docker)).find(({ run }) => run === runId);
  const things = left?.things.map(({ kind, name }) => `left: ${kind} ${name}`) ?? [];
  return [...problems, ...things, ...(await namedOnHost(runId)).map((line) => `left: ${line}`)];
}

/** Mounts and loop devices that have the run's id in them. */
async function namedOnHost(runId: string): Promise<readonly string[]> {
  const mounts = readFileSync('/proc/1/mounts', 'utf8');
  const { stdout } = await execa('losetup', ['--all'], { reject: false });
  return [...mounts.split('\n'), ...stdout.split('\n')].filter((line) => line.includes(runId));
}

/** What is not ours: rules, mounts, containers. */
async function others(
  foreign: ForeignThings,
  networks: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  return {
    rules: (await hostRules([foreign.network, ...networks]))
      .filter((line) => !OTHERS.test(line))
      .sort(),
    mounts: hostMounts().filter((line) => !line.includes('/volumes/fl-')),
    foreign: await foreign.state(),
  };
}

/** Chains of other runs on this machine come and go. */
const OTHERS = /\bFL-/;

function differences(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly string[] {
  return Object.keys(before)
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .map((key) => `foreign ${key} changed: ${difference(before[key], after[key])}`);
}

function difference(before: unknown, after: unknown): string {
  if (!Array.isArray(before) || !Array.isArray(after)) return JSON.stringify(after).slice(0, 500);
  const texts = (of: readonly unknown[], other: readonly unknown[], sign: string): string[] =>
    of.filter((item) => !other.includes(item)).map((item) => `${sign}${String(item)}`);
  return [...texts(before, after, '-'), ...texts(after, before, '+')].join(' | ');
}
