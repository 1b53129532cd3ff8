/** `faultline heal`: removes what runs have left, whatever became of them. */
import { Command } from 'commander';
import { mendDeadRuns, type MendedRun } from '../harness/guardian/janitor.ts';
import { isUnderWay, type RunEntry, RunRegistry } from '../harness/guardian/run-registry.ts';
import {
  listLeftovers,
  removeLeftover,
  type Leftover,
} from '../harness/testbeds/docker/leftovers.ts';
import { unknownName } from '../harness/nearest.ts';
import { engineOrNothing } from './engine.ts';
import { EXIT, UsageError } from './exit-code.ts';
import { healHosts } from './heal-hosts.ts';
import type { Exit } from './main.ts';

interface HealOptions {
  readonly all?: true;
  readonly force?: true;
  readonly hosts?: string;
  readonly json?: true;
}

/** What was done. */
interface Healed {
  readonly mended: readonly MendedRun[];
  readonly removed: readonly Leftover[];
  /** What is left, in words, with the command that removes it where there is one. */
  readonly problems: readonly string[];
}

/** The command. */
export function healCommand(exit: Exit): Command {
  return new Command('heal')
    .description('put right what runs have left: faults, then containers, networks, volumes')
    .argument('[run]', 'id of one run, as `ls` shows it')
    .option('--all', 'every run whose process is gone')
    .option('--force', 'also runs that are under way')
    .option('--hosts <file>', 'instead: whatever any run left on these hosts (docs/ssh.md)')
    .option('--json', 'print as JSON')
    .action(async (run: string | undefined, options: HealOptions) => {
      if (options.hosts !== undefined) {
        const whole = await healHosts(options.hosts, options.json === true);
        return exit(whole ? EXIT.valid : EXIT.unknown);
      }
      if (run === undefined && options.all !== true) {
        throw new UsageError('heal: expected the id of a run, --all, or --hosts FILE');
      }
      const healed = await heal(run, options.force === true);
      print(healed, options.json === true);
      exit(healed.problems.length === 0 ? EXIT.valid : EXIT.unknown);
    });
}

/** Faults first, as what they hold on to cannot be removed; what was removed with its nodes needs no healing more. */
async function heal(run: string | undefined, force: boolean): Promise<Healed> {
  const registry = new RunRegistry();
  const entries = registry.list();
  const docker = await engineOrNothing();
  const found = docker === null ? [] : await listLeftovers(docker, entries);
  const chosen = choose(found, entries, run, force);
  const mended = await mendDeadRuns(registry, (entry) => chosen.runs.includes(entry.runId));
  const problems: string[] = [];
  for (const leftover of chosen.leftovers) {
    const left = docker === null ? [] : await removeLeftover(docker, leftover);
    problems.push(...left);
    if (left.length === 0) registry.remove(leftover.run);
  }
  const remembered = registry.list().map(({ runId }) => runId);
  for (const { entry, left } of mended) {
    if (!remembered.includes(entry.runId)) continue;
    problems.push(...left.map((one) => `${one.id}: ${one.reason}; by hand: ${one.command}`));
  }
  return { mended, removed: chosen.leftovers, problems };
}

interface Chosen {
  readonly leftovers: readonly Leftover[];
  /** Ids of the runs whose faults are to be healed. */
  readonly runs: readonly string[];
}

function choose(
  found: readonly Leftover[],
  entries: readonly RunEntry[],
  run: string | undefined,
  force: boolean,
): Chosen {
  if (run === undefined) {
    const leftovers = found.filter(({ alive }) => force || !alive);
    return { leftovers, runs: entries.map(({ runId }) => runId) };
  }
  const leftovers = found.filter((leftover) => leftover.run === run);
  const entry = entries.find(({ runId }) => runId === run);
  const [one] = leftovers;
  if (one === undefined && entry === undefined) throw new UsageError(noSuchRun(run, found));
  const alive = one?.alive ?? (entry !== undefined && isUnderWay(entry));
  if (alive && !force) {
    throw new UsageError(
      `run ${run} is under way (process ${String(one?.pid ?? entry?.pid)}); --force removes it all the same`,
    );
  }
  return { leftovers, runs: [run] };
}

function noSuchRun(run: string, found: readonly Leftover[]): string {
  if (found.length === 0) return `no run "${run}": nothing of any run is left`;
  return unknownName(
    'run',
    run,
    found.map((leftover) => leftover.run),
  );
}

function print({ mended, removed, problems }: Healed, json: boolean): void {
  if (json) {
    const faults = mended.map(({ entry, healed }) => ({ run: entry.runId, healed }));
    const healed = removed.map(({ run }) => run);
    process.stdout.write(`${JSON.stringify({ faults, healed, problems })}\n`);
    return;
  }
  for (const { entry, healed } of mended) {
    if (healed > 0) process.stdout.write(`run ${entry.runId}: healed ${healed} faults\n`);
  }
  for (const { run, things } of removed) {
    process.stdout.write(`run ${run}: removed ${things.length} things\n`);
  }
  if (removed.length === 0 && mended.length === 0) process.stdout.write('nothing to heal\n');
  for (const problem of problems) process.stdout.write(`not removed: ${problem}\n`);
}
