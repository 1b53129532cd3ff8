import { expect, test } from 'vitest';
import type { FaultContext } from '../harness/nemesis.ts';
import type { Cluster, Machine } from '../harness/testbed.ts';
import { processKill } from './process-kill.ts';

const TABLE = '7 100 java -cp server\n8 101 sh helper\n';

/** A node whose process table is this text, until something is killed. */
function machine(commands: string[][], after: string): Machine {
  let table = TABLE;
  const exec = (argv: readonly string[]): ReturnType<Machine['exec']> => {
    commands.push([...argv]);
    if (argv[0] === 'sh') table = after;
    const stdout = argv[0] === 'perl' ? table : '';
    return Promise.resolve({ code: 0, stdout, stderr: '' });
  };
  return { name: 'n1', exec, incarnation: () => 'n1#1' } as unknown as Machine;
}

function context(node: Machine, command: string): FaultContext {
  const cluster = { nodes: [node], node: () => node } as unknown as Cluster;
  return { cluster, step: { parameters: { command } } } as unknown as FaultContext;
}

const TARGETS = { nodes: ['n1'], claims: [] };

test('only processes whose command lines match are killed, and seen gone', async () => {
  const commands: string[][] = [];
  const of = context(machine(commands, '7 100 java -cp server\n'), 'helper');
  const armed = await processKill.prepare(of, TARGETS);
  armed.fire();
  await armed.done?.();
  expect(commands.find(([program]) => program === 'sh')).toEqual(['sh', '-c', 'kill -KILL 8']);
  expect((await armed.verify()).verified).toBe(true);
});

test('a process that is still there is not verified as killed', async () => {
  const armed = await processKill.prepare(context(machine([], TABLE), 'helper'), TARGETS);
  armed.fire();
  await armed.done?.();
  expect((await armed.verify()).verified).toBe(false);
});

test('a pid that was given out again is another process', async () => {
  const armed = await processKill.prepare(context(machine([], '8 999 new\n'), 'helper'), TARGETS);
  armed.fire();
  await armed.done?.();
  expect((await armed.verify()).verified).toBe(true);
});

test('nothing that matches is told with what there is', async () => {
  await expect(processKill.prepare(context(machine([], TABLE), 'ruby'), TARGETS)).rejects.toThrow(
    'n1: no process of the server matches ruby; found: java -cp server; sh helper',
  );
});

test('a command that is no regular expression is refused', () => {
  const form = processKill.parameters?.['command'];
  expect(form?.problem('(')).toMatch(/Invalid regular expression/u);
  expect(form?.problem('etcd')).toBeNull();
});
