/** Engines and shortcuts against each other, on histories by chance from a fixed seed. */
import { describe, expect, it } from 'vitest';
import { Allowance } from '../check-allowance.ts';
import type { Value } from '../../harness/operation.ts';
import { searchBreadthFirst } from './model-breadth-first.ts';
import { searchDepthFirst } from './model-depth-first.ts';
import { compileModel, ModelMachine } from './model-problem.ts';
import type { Partition, SpecialModel } from './model-problem.ts';
import type { ConcurrentOperation } from './model.ts';
import { appendListModel } from './models/append-list.ts';
import { counterModel } from './models/counter.ts';
import { kvModel } from './models/kv.ts';
import { fifoQueueModel } from './models/queue.ts';
import { setModel } from './models/set.ts';

const HISTORIES = 200;
const OPERATIONS = 7;

/** A small generator of numbers, the same in every run. */
class Dice {
  private state: number;
  constructor(seed: number) {
    this.state = seed;
  }
  below(most: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return (this.state >>> 8) % most;
  }
}

type Draw = (dice: Dice, nth: number) => { f: string; input: Value; output: Value };

/** Operations with times by chance; one in eight is open. */
function historyBy(dice: Dice, draw: Draw): Partition {
  const drawn = Array.from({ length: OPERATIONS }, (_, nth) => {
    const call = dice.below(60);
    return {
      ...draw(dice, nth + 1),
      call,
      end: call + 1 + dice.below(25),
      open: dice.below(8) === 0,
    };
  });
  drawn.sort((a, b) => a.call - b.call);
  const operations = drawn.map(
    ({ f, input, output, call, end, open }, index): ConcurrentOperation => ({
      f,
      input,
      output: open ? undefined : output,
      index,
      process: index,
      call,
      end: open ? Infinity : end,
    }),
  );
  const places = operations.flatMap(({ call, end }, number) => [
    { at: call, event: number },
    ...(end === Infinity ? [] : [{ at: end + 0.5, event: ~number }]),
  ]);
  places.sort((a, b) => a.at - b.at);
  return { key: null, operations, events: places.map(({ event }) => event) };
}

function listUpTo(dice: Dice, most: number): number[] {
  const list: number[] = [];
  for (let i = 0; i < most; i++) if (dice.below(2) === 0) list.push(i + 1);
  return list;
}

const CASES: readonly { name: string; model: SpecialModel<never>; draw: Draw }[] = [
  {
    name: 'queue',
    model: fifoQueueModel as SpecialModel<never>,
    draw: (dice, nth) =>
      dice.below(2) === 0
        ? { f: 'enqueue', input: nth, output: null }
        : { f: 'dequeue', input: null, output: dice.below(3) === 0 ? null : 1 + dice.below(7) },
  },
  {
    name: 'queue of few values',
    model: fifoQueueModel as SpecialModel<never>,
    draw: (dice) =>
      dice.below(2) === 0
        ? { f: 'enqueue', input: 1 + dice.below(12), output: null }
        : { f: 'dequeue', input: null, output: 1 + dice.below(12) },
  },
  {
    name: 'list',
    model: appendListModel as SpecialModel<never>,
    draw: (dice, nth) =>
      dice.below(2) === 0
        ? { f: 'append', input: nth, output: null }
        : { f: 'read', input: null, output: listUpTo(dice, 4) },
  },
  {
    name: 'set',
    model: setModel as SpecialModel<never>,
    draw: (dice, nth) =>
      dice.below(2) === 0
        ? { f: 'add', input: nth, output: null }
        : { f: 'read', input: null, output: listUpTo(dice, 4) },
  },
  {
    name: 'counter',
    model: counterModel() as SpecialModel<never>,
    draw: (dice) =>
      dice.below(2) === 0
        ? { f: 'add', input: 2, output: null }
        : { f: 'read', input: null, output: dice.below(5) * 2 },
  },
  {
    name: 'kv',
    model: kvModel() as SpecialModel<never>,
    draw: (dice) => {
      const text = ['a', 'b', 'ab', 'ba', ''][dice.below(5)] ?? '';
      const f = ['get', 'put', 'append', 'append'][dice.below(4)] ?? 'get';
      return { f, input: ['x', text], output: ['x', text] };
    },
  },
];

describe('engines and shortcuts', () => {
  it.each(CASES)('agree on histories of a $name', ({ model, draw }) => {
    const dice = new Dice(20_011);
    const mismatches: Partition[] = [];
    const tally = { legal: 0, illegal: 0, shortcuts: 0 };
    for (let i = 0; i < HISTORIES; i++) {
      const partition = historyBy(dice, draw);
      const { operations, events } = partition;
      const size = operations.length;
      const machine = new ModelMachine(model, operations, model.init());
      const plain = searchDepthFirst({ size, events, machine }, new Allowance({ timeMs: 1_000 }));
      const compiled = compileModel(model, partition, model.init());
      const wide = searchBreadthFirst(compiled, new Allowance({ timeMs: 1_000 }));
      if (wide.outcome !== plain.outcome) mismatches.push(partition);
      const shortcut = model.shortcut?.(partition) ?? null;
      if (shortcut !== null) {
        if (shortcut.outcome !== plain.outcome) mismatches.push(partition);
        tally.shortcuts++;
      }
      if (plain.outcome !== 'exhausted') tally[plain.outcome]++;
    }
    expect(mismatches).toEqual([]);
    expect(tally.legal).toBeGreaterThan(HISTORIES / 50);
    expect(tally.illegal).toBeGreaterThan(HISTORIES / 50);
    if (model.shortcut !== undefined) expect(tally.shortcuts).toBeGreaterThan(HISTORIES / 5);
  });
});
