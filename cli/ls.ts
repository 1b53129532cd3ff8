/** `faultline ls`: what runs have in the engine now. */
import { Command } from 'commander';
import { listLeftovers, type Leftover } from '../harness/testbeds/docker/leftovers.ts';
import { engineOrNothing } from './engine.ts';
import type { Exit } from './main.ts';

/** The command. */
export function lsCommand(exit: Exit): Command {
  return new Command('ls')
    .description('show containers, networks and volumes of every run, live or left')
    .option('--json', 'print as JSON')
    .action(async (options: { json?: true }) => {
      const docker = await engineOrNothing();
      const leftovers = docker === null ? [] : await listLeftovers(docker);
      if (options.json === true) process.stdout.write(`${JSON.stringify(leftovers)}\n`);
      else process.stdout.write(table(leftovers));
      exit(0);
    });
}

function table(leftovers: readonly Leftover[]): string {
  if (leftovers.length === 0) return 'nothing\n';
  const lines = leftovers.flatMap(({ run, alive, pid, things }) => [
    `run ${run}: ${alive ? `under way, process ${String(pid)}` : 'left (faultline heal --all removes it)'}`,
    ...things.map((thing) => `  ${thing.kind.padEnd(10)}${thing.name.padEnd(40)} ${thing.state}`),
  ]);
  return `${lines.join('\n')}\n`;
}
