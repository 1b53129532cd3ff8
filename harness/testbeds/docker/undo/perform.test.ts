import Docker from 'dockerode';
import { expect, test } from 'vitest';
import type { UndoAct } from '../../../undo.ts';
import type { UndoPerformer, UndoStage } from './hands.ts';
import { performUndo, undoAll } from './perform.ts';

const hands = { runId: 'r', docker: new Docker() };

/** Notes when it begins and ends. */
function noting(stage: UndoStage, notes: string[], fails = false): UndoPerformer {
  return {
    stage,
    async perform({ act, node }) {
      notes.push(`begin ${act} ${node ?? ''}`);
      await Promise.resolve();
      if (fails) throw new Error(`${act} is stuck`);
      notes.push(`end ${act} ${node ?? ''}`);
    },
    command: ({ act }) => `do ${act}`,
  };
}

test('stage by stage, whatever the order given; no node waits for another', async () => {
  const notes: string[] = [];
  const table = { start: noting('start', notes), thaw: noting('thaw', notes) };
  const acts: UndoAct[] = [
    { act: 'start', node: 'n1' },
    { act: 'thaw', node: 'n1' },
    { act: 'start', node: 'n2' },
  ];
  const outcomes = await performUndo(acts, hands, table);
  const of = (node: string): string[] => notes.filter((note) => note.endsWith(node));
  expect(of('n1')).toEqual(['begin thaw n1', 'end thaw n1', 'begin start n1', 'end start n1']);
  expect(notes.indexOf('begin start n2')).toBeLessThan(notes.indexOf('begin start n1'));
  expect(outcomes.map(({ problem }) => problem)).toEqual([null, null, null]);
});

test('one that fails stops nothing; an act that nobody knows is told', async () => {
  const notes: string[] = [];
  const table = { thaw: noting('thaw', notes, true), start: noting('start', notes) };
  const outcomes = await performUndo(
    [{ act: 'thaw', node: 'n1' }, { act: 'start' }, { act: 'sing' }],
    hands,
    table,
  );
  expect(notes).toContain('end start ');
  const problems = new Map(outcomes.map(({ act, problem }) => [act.act, problem]));
  expect(problems.get('thaw')).toEqual({ reason: 'thaw is stuck', command: 'do thaw' });
  expect(problems.get('start')).toBeNull();
  expect(problems.get('sing')?.reason).toContain('does not know the undo act "sing"');
});

test('what only a person can do is told with the command that was written down', async () => {
  const docker = new Docker();
  docker.listContainers = async () => [{} as Docker.ContainerInfo];
  const act = { act: 'by-hand', node: 'n1', what: 'n1 was removed', command: 'add n1' };
  await expect(undoAll([act], { runId: 'r', docker })).rejects.toThrow(
    'n1 was removed; by hand: add n1',
  );
  docker.listContainers = async () => []; // The cluster is gone, and what was to be done there.
  await undoAll([act], { runId: 'r', docker });
});

test('undo data that tells no command does not keep the rest from being done', async () => {
  const notes: string[] = [];
  const silent = {
    ...noting('thaw', notes, true),
    command: () => {
      throw new TypeError('no chain is named');
    },
  };
  const table = { thaw: silent, start: noting('start', notes) };
  const outcomes = await performUndo([{ act: 'thaw' }, { act: 'start' }], hands, table);
  expect(outcomes.map(({ problem }) => problem?.command)).toEqual(['faultline heal r', undefined]);
});
