import { describe, expect, test } from 'vitest';
import { clientOf, READ, run, shape, write } from '../test/fakes/run-interpreter.ts';
import type { Generator } from './generator.ts';
import { toGenerator } from './generators/to-generator.ts';
import { pairs, Recorder, UNPAIRED } from './history.ts';
import { FileSink, Journal, StoreFullError } from './journal.ts';
import { type Invocation, MILLISECOND, type Value } from './operation.ts';
import { SimulatedClock } from './simulated-clock.ts';

/** A journal on a disk that is full. */
const fullJournal = (): Journal => new Journal('/dev/full', new FileSink('/dev/full'));

describe('bugs', () => {
  const thrown: readonly (readonly [string, unknown, RegExp])[] = [
    ['a TypeError', new TypeError('x is not a function'), /TypeError: x is not a function/],
    ['a non-Error', 'just a string', /non-Error: 'just a string'/],
    ['nothing', undefined, /non-Error: undefined/],
    ['an ordinary Error', new Error('who knows'), /Error: who knows/],
  ];
  test.each(thrown)('a client that throws %s ends the run', async (_, error, message) => {
    const client = clientOf(async ({ value }) => {
      if (value === 3) throw error;
      return value;
    });
    const generator = toGenerator(() => READ);
    let count = 0;
    const counting = toGenerator(() => ({ f: 'read', value: ++count }));
    const { history, failure, info } = await run({ client, generator: counting });
    expect(generator.listens).toBe(false);
    expect(failure?.message).toMatch(message);
    expect(info).toBe(1);
    expect(shape(history).at(-1)).toBe('0 info read indefinite');
    expect([...pairs(history)]).not.toContain(UNPAIRED);
  });

  test('a client that throws synchronously', async () => {
    const client = clientOf(() => {
      throw new RangeError('sync');
    });
    const { history, failure } = await run({ client, generator: [write(1)] });
    expect(failure?.message).toMatch(/RangeError: sync/);
    expect(shape(history)).toEqual(['0 invoke write', '0 info write indefinite']);
  });

  test('a value that is not JSON', async () => {
    const client = clientOf(async () => ({ big: 1n }) as unknown as Value);
    const { history, failure } = await run({ client, generator: [write(1)] });
    expect(failure?.message).toMatch(/BigInt/);
    expect(shape(history)).toEqual(['0 invoke write', '0 info write indefinite']);
  });

  test('a bug in one client lets the others finish', async () => {
    const clock = new SimulatedClock();
    const client = clientOf(async ({ value }) => {
      await clock.sleep((value as number) * 10 * MILLISECOND);
      if (value === 1) throw new TypeError('bug');
      return value;
    });
    const generator = [1, 2, 3].map(write);
    const { history, ok, info } = await run({ clock, client, generator, concurrency: 3 });
    expect([ok, info]).toEqual([2, 1]);
    expect([...pairs(history)]).not.toContain(UNPAIRED);
  });

  test('a generator that throws', async () => {
    const generator = (): Invocation => {
      throw new TypeError('no next');
    };
    const { failure, history } = await run({ generator: [write(1), generator] });
    expect(failure?.message).toMatch(/bug in the generator \(next\): threw TypeError: no next/);
    expect(history).toHaveLength(2);
  });

  test('a generator whose update throws', async () => {
    const generator: Generator = {
      listens: true,
      next: (context) => {
        const step = toGenerator(READ).next(context);
        return { ...step, next: generator };
      },
      update: () => {
        throw new Error('no update');
      },
    };
    const { failure, history } = await run({ generator });
    expect(history).toHaveLength(1);
    expect(failure?.message).toMatch(/threw Error: no update/);
  });

  test('a fault step where there are no lanes', async () => {
    const step = { id: 'kill-1' } as never;
    const next = toGenerator([write(1)]);
    const generator: Generator = {
      listens: false,
      update: () => next,
      next: () => ({ kind: 'fault', step, next }),
    };
    const { failure } = await run({ generator });
    expect(failure?.message).toMatch(/kill-1: this phase has no fault lanes/);
  });
});

describe('a full disk', () => {
  test('ends the run; what is outstanding is drained', async () => {
    const clock = new SimulatedClock();
    const recorder = new Recorder({ clock, journal: fullJournal() });
    let sent = 0;
    let answered = 0;
    const client = clientOf(async ({ value }) => {
      sent++;
      await clock.sleep(MILLISECOND);
      answered++;
      return value;
    });
    const generator = (): Invocation => write('x'.repeat(1000));
    const { failure } = await run({ clock, client, recorder, generator, concurrency: 5 });
    expect(failure).toBeInstanceOf(StoreFullError);
    expect(recorder.counts.invoke).toBe(sent);
    expect(answered).toBe(sent);
    expect(sent).toBeGreaterThan(20);
  });
});
