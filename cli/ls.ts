/** `faultline ls`: what runs have in the engine now. */
import { Command } from 'commander';
import { FaultFile } from '../harness/guardian/fault-file.ts';
import { isUnderWay, RunRegistry } from '../harness/guardian/run-registry.ts';
import { unhealedFaults } from '../harness/guardian/unhealed.ts';
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
      else process.stdout.write(table(leftovers) + brokenRuns());
      exit(0);
    });
}

/** Runs that were ended while faults were in effect, and nobody has healed them since. */
function brokenRuns(): string {
  const dead = new RunRegistry().list().filter((entry) => !isUnderWay(entry));
  return dead
    .map(({ runId, directory }) => ({
      runId,
      faults: unhealedFaults(new FaultFile(directory).read()).map(({ id }) => id),
    }))
    .filter(({ faults }) => faults.length > 0)
    .map(({ runId, faults }) => `run ${runId}: not healed: ${faults.join(', ')}\n`)
    .join('');
}

function table(leftovers: readonly Leftover[]): string {
  if (leftovers.length === 0) return 'nothing\n';
  const lines = leftovers.flatMap(({ run, alive, pid, things }) => [
    `run ${run}: ${alive ? `under way, process ${String(pid)}` : 'left (faultline heal --all removes it)'}`,
    ...things.map((thing) => `  ${thing.kind.padEnd(10)}${thing.name.padEnd(40)} ${thing.state}`),
  ]);
  return `${lines.join('\n')}\n`;
}
