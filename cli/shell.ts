/** `faultline shell <node>`: a shell in a node of a kept or running cluster. */
import { spawnSync } from 'node:child_process';
import { Command } from 'commander';
import { listLeftovers } from '../harness/testbeds/docker/leftovers.ts';
import { unknownName } from '../harness/nearest.ts';
import { engineOrNothing } from './engine.ts';
import { EXIT, UsageError } from './exit-code.ts';
import type { Exit } from './main.ts';

/** The command. */
export function shellCommand(exit: Exit): Command {
  return new Command('shell')
    .description('open a shell in a node of the newest cluster that is up')
    .argument('<node>', 'n1, n2, …, or <run>/<node>')
    .option('--json', 'print the container instead of opening a shell')
    .action(async (node: string, options: { json?: true }) => {
      const docker = await engineOrNothing();
      if (docker === null) return exit(EXIT.wrongUse);
      const container = await containerOf(docker, node);
      if (options.json === true) {
        process.stdout.write(`${JSON.stringify({ node, container })}\n`);
        return exit(EXIT.valid);
      }
      const { status, error } = spawnSync(
        'docker',
        ['exec', process.stdin.isTTY ? '-it' : '-i', container, 'bash'],
        { stdio: 'inherit' },
      );
      if (error !== undefined) throw new UsageError(`cannot run docker exec: ${error.message}`);
      exit(status ?? EXIT.crash);
    });
}

async function containerOf(docker: import('dockerode'), wanted: string): Promise<string> {
  const runs = await listLeftovers(docker);
  const nodes = runs.flatMap(({ run, things }) =>
    things
      .filter((thing) => thing.kind === 'container' && thing.node !== null)
      .map((thing) => ({
        name: String(thing.node),
        full: `${run}/${String(thing.node)}`,
        id: thing.id,
      })),
  );
  const found = nodes.filter(({ name, full }) => name === wanted || full === wanted);
  if (found.length > 1) {
    const names = found.map(({ full }) => full).join(', ');
    throw new UsageError(`several runs have a node "${wanted}"; expected one of ${names}`);
  }
  if (found[0] !== undefined) return found[0].id;
  throw new UsageError(
    nodes.length === 0
      ? `no node "${wanted}": no cluster is up (run with --keep to leave one)`
      : unknownName(
          'node',
          wanted,
          nodes.map(({ name }) => name),
        ),
  );
}
