/** `faultline heal`: removes what runs have left, whatever became of them. */
import { Command } from 'commander';
import {
  listLeftovers,
  removeLeftover,
  type Leftover,
} from '../harness/testbeds/docker/leftovers.ts';
import { unknownName } from '../harness/nearest.ts';
import { engineOrNothing } from './engine.ts';
import { EXIT, UsageError } from './exit-code.ts';
import type { Exit } from './main.ts';

interface HealOptions {
  readonly all?: true;
  readonly force?: true;
  readonly json?: true;
}

/** The command. */
export function healCommand(exit: Exit): Command {
  return new Command('heal')
    .description('remove what runs have left: containers with their faults, networks, volumes')
    .argument('[run]', 'id of one run, as `ls` shows it')
    .option('--all', 'every run whose process is gone')
    .option('--force', 'also runs that are under way')
    .option('--json', 'print as JSON')
    .action(async (run: string | undefined, options: HealOptions) => {
      if (run === undefined && options.all !== true) {
        throw new UsageError('heal: expected the id of a run, or --all');
      }
      const docker = await engineOrNothing();
      const found = docker === null ? [] : await listLeftovers(docker);
      const chosen = choose(found, run, options.force === true);
      const problems: string[] = [];
      for (const leftover of chosen) {
        if (docker !== null) problems.push(...(await removeLeftover(docker, leftover)));
      }
      print(chosen, problems, options.json === true);
      exit(problems.length === 0 ? EXIT.valid : EXIT.unknown);
    });
}

function choose(
  found: readonly Leftover[],
  run: string | undefined,
  force: boolean,
): readonly Leftover[] {
  if (run === undefined) return found.filter(({ alive }) => force || !alive);
  const one = found.find((leftover) => leftover.run === run);
  if (one === undefined) {
    throw new UsageError(
      found.length === 0
        ? `no run "${run}": nothing of any run is left`
        : unknownName(
            'run',
            run,
            found.map((leftover) => leftover.run),
          ),
    );
  }
  if (one.alive && !force) {
    throw new UsageError(
      `run ${run} is under way (process ${String(one.pid)}); --force removes it all the same`,
    );
  }
  return [one];
}

function print(healed: readonly Leftover[], problems: readonly string[], json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ healed: healed.map(({ run }) => run), problems })}\n`);
    return;
  }
  for (const { run, things } of healed) {
    process.stdout.write(`run ${run}: removed ${things.length} things\n`);
  }
  if (healed.length === 0) process.stdout.write('nothing to heal\n');
  for (const problem of problems) process.stdout.write(`not removed: ${problem}\n`);
}
