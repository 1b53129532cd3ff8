import { expect, it } from 'vitest';
import type { RunEvent } from '../harness/event.ts';
import type { FaultRecord } from '../harness/nemesis.ts';
import type { Operation, OperationType } from '../harness/operation.ts';
import { MILLISECOND } from '../harness/operation.ts';
import { effectFigures, type FaultEffect, faultEffects, isFelt } from './fault-effects.ts';
import { killRecords, runOf } from './micro-history.ts';

const at = (millis: number): number => millis * MILLISECOND;
const KILL = killRecords('kill-1', 'n1', at(1000), at(2000));

/** Operations as [process, begun, completed, outcome], in milliseconds. */
function history(
  operations: readonly (readonly [number, number, number, OperationType])[],
): Operation[] {
  const lines = operations.flatMap(([process, begun, completed, type]) => {
    const common = { process, f: 'read', value: null, node: 'n1' };
    return [
      { ...common, time: at(begun), type: 'invoke' as const },
      { ...common, time: at(completed), type },
    ];
  });
  return lines.sort((a, b) => a.time - b.time).map((line, index) => ({ index, ...line }));
}

function leader(node: string, millis: number, term?: number): RunEvent {
  const told = term === undefined ? {} : { term };
  return { type: 'leader-seen', node, ...told, notBefore: at(millis - 5), notAfter: at(millis) };
}

function effectOf(
  operations: Operation[],
  events: readonly RunEvent[] = [],
  faults: readonly FaultRecord[] = KILL,
): FaultEffect {
  const [effect] = faultEffects(runOf(operations, { events, faults }));
  if (effect === undefined) throw new Error('no verified fault');
  return effect;
}

it('counts operations that were outstanding during the fault, whenever they ended', () => {
  const effect = effectOf(
    history([
      [0, 100, 900, 'fail'],
      [0, 950, 1050, 'fail'],
      [1, 1990, 6990, 'info'],
      [2, 1200, 1201, 'info'],
      [0, 2001, 2010, 'info'],
    ]),
  );
  expect(effect).toMatchObject({ failed: 1, indefinite: 2, leaderChanges: 0, delayed: 0 });
  expect(isFelt(effect)).toBe(true);
});

it('counts an operation that never completed, and not what the system itself rejected', () => {
  const [invoke] = history([[0, 1500, 1600, 'ok']]);
  const rejected = history([[1, 1700, 1710, 'fail']]).map((operation) => ({
    ...operation,
    error: { kind: 'rejected' as const, message: 'bad version' },
  }));
  const operations = [invoke as Operation, ...rejected].map((each, index) => ({ ...each, index }));
  expect(effectOf(operations)).toMatchObject({ failed: 0, indefinite: 1 });
});

it('counts answers that were later than any without a fault', () => {
  const effect = effectOf(
    history([
      [0, 100, 350, 'ok'],
      [0, 1000, 1240, 'ok'],
      [1, 1000, 1260, 'ok'],
      [2, 900, 2500, 'ok'],
    ]),
  );
  expect(effect).toMatchObject({ failed: 0, delayed: 2 });
  const quick = history([
    [0, 100, 101, 'ok'],
    [0, 1000, 1099, 'ok'],
  ]);
  expect(isFelt(effectOf(quick))).toBe(false);
});

it('without anything to compare with, no answer is late', () => {
  expect(isFelt(effectOf(history([[0, 1000, 1900, 'ok']])))).toBe(false);
});

it('counts another leader, or a later term, seen during the fault; the first sighting is no change', () => {
  const changes = (events: readonly RunEvent[]): number => effectOf([], events).leaderChanges;
  expect(changes([leader('n1', 1500, 3)])).toBe(0);
  expect(changes([leader('n1', 500), leader('n2', 1500)])).toBe(1);
  expect(changes([leader('n1', 500, 3), leader('n1', 1500, 4)])).toBe(1);
  expect(changes([leader('n1', 500, 3), leader('n2', 2500, 4)])).toBe(0);
  expect(changes([leader('n1', 500, 3), leader('n1', 1500, 3)])).toBe(0);
});

it('a deposed leader that still says it leads is no change', () => {
  const events = [
    leader('n1', 500, 3),
    leader('n2', 1500, 4),
    leader('n1', 1600, 3),
    leader('n2', 1700, 4),
  ];
  expect(effectOf([], events).leaderChanges).toBe(1);
});

it('a fault that was not verified has no effect; one that stays lasts to the end', () => {
  const unverified = KILL.filter(({ state }) => state !== 'verified');
  const run = runOf(history([[0, 1000, 1900, 'fail']]), { faults: unverified });
  expect(faultEffects(run)).toEqual([]);
  const stays = killRecords('kill-1', 'n1', at(1000), null);
  expect(effectOf(history([[0, 90_000, 91_000, 'fail']]), [], stays).failed).toBe(1);
});

it('tells independent observations before more of the same kind', () => {
  const connects = Array.from({ length: 9 }, (_, index) => ({
    means: `connect n1->n${index}`,
    seen: 'no answer',
    confirms: true,
  }));
  const observations = [
    ...connects,
    { means: 'rules read back', seen: '4 of 4', confirms: true },
    { means: 'drop counters', seen: 'none', confirms: false },
  ];
  const faults = KILL.map((record) =>
    record.state === 'verified' ? { ...record, observations } : record,
  );
  const [figures] = effectFigures([effectOf([], [], faults)]) as { observations: string[] }[];
  expect(figures?.observations.slice(0, 3)).toEqual([
    'connect n1->n8: no answer',
    'rules read back: 4 of 4',
    'connect n1->n0: no answer',
  ]);
  expect(figures?.observations).toHaveLength(6);
});
