import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { always, fs, invocations, random, rough } from '../../test/support/virtual.ts';
import { MILLISECOND, type Operation } from '../operation.ts';
import { simulate } from '../simulate.ts';
import { concat, sequence } from './concat.ts';
import { flipFlop } from './flip-flop.ts';
import { cycle, limit, once, repeat } from './limit.ts';
import { sleep } from './sleep.ts';
import { andThen, phases, synchronize } from './synchronize.ts';
import { toGenerator } from './to-generator.ts';

const RUN = { seed: 2102, numRuns: 60 };
const counts = fc.array(fc.nat(6), { maxLength: 6 });

describe(`order and number (seed ${RUN.seed})`, () => {
  it('concat and arrays: each part in full, one after another', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 40 }), (parts, concurrency) => {
        const make = (): ReturnType<typeof limit>[] =>
          parts.map((count, at) => limit(count, always(`p${at}`)));
        const expected = parts.flatMap((count, at) => new Array<string>(count).fill(`p${at}`));
        for (const generator of [concat(make()), sequence(make()), make()]) {
          expect(fs(generator, { concurrency, latency: rough })).toEqual(expected);
        }
      }),
      RUN,
    );
  });

  it('phases: nothing of a phase begins while something of another is under way', () => {
    fc.assert(
      fc.property(counts, fc.bigInt({ min: 0n, max: 1000n }), (parts, seed) => {
        const generator = phases(parts.map((count, at) => limit(count, always(`p${at}`))));
        const { history, ended } = simulate({ generator, concurrency: 4, seed, latency: rough });
        expect(ended).toBe('done');
        const open: string[] = [];
        for (const { type, f } of history) {
          if (type === 'invoke') {
            expect(open.every((other) => other === f)).toBe(true);
            open.push(f);
          } else open.splice(open.indexOf(f), 1);
        }
        expect(history.length).toBe(2 * parts.reduce((sum, count) => sum + count, 0));
      }),
      RUN,
    );
  });

  it('andThen waits for idleness, and so does synchronize', () => {
    const latency = (): { nanos: number; type: 'ok' } => ({ nanos: 7, type: 'ok' });
    const generator = andThen(limit(4, always('a')), limit(2, always('b')));
    const times = invocations(generator, { latency }).map(({ f, time }) => `${f}${time}`);
    expect(times).toEqual(['a0', 'a0', 'a0', 'a7', 'b14', 'b14']);
    const late = [{ f: 'a', value: null }, synchronize({ f: 'b', value: null })];
    expect(invocations(late, { latency }).map(({ time }) => time)).toEqual([0, 7]);
  });

  it('limit, once, repeat and cycle count', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(5), (count, length) => {
        const part = Array.from({ length }, (_, at) => ({ f: `${at}`, value: null }));
        const all = part.map(({ f }) => f);
        expect(fs(limit(count, part))).toEqual(all.slice(0, count));
        expect(fs(limit(count, always('x')))).toHaveLength(count);
        expect(fs(once(part))).toEqual(all.slice(0, 1));
        expect(fs(repeat(part, count))).toEqual(new Array(length === 0 ? 0 : count).fill('0'));
        expect(fs(cycle(part, count))).toEqual(new Array(count).fill(all).flat());
      }),
      RUN,
    );
    expect(fs(repeat({ f: 'x', value: null }), { maxOperations: 50 })).toHaveLength(50);
    expect(fs(cycle([{ f: 'x', value: null }]), { maxOperations: 50 })).toHaveLength(50);
    expect(() => limit(-1, [])).toThrow('limit: a count of -1, expected an integer of at least 0');
  });

  it('repeat waits anew each time, and cycle draws anew each round', () => {
    const generator = repeat([sleep(10), { f: 'x', value: null }], 3);
    expect(invocations(generator).map(({ time }) => time)).toEqual([10, 20, 30]);
    const value = (operation: Operation): number => operation.value as number;
    const values = invocations(cycle(limit(5, random)), { maxOperations: 50 }).map(value);
    expect(new Set(values).size).toBeGreaterThan(45);
  });

  it('flipFlop alternates until one is exhausted', () => {
    fc.assert(
      fc.property(fc.nat(10), fc.nat(10), (a, b) => {
        const given = fs(flipFlop(limit(a, always('a')), limit(b, always('b'))));
        const length = Math.min(2 * a, 2 * b + 1);
        expect(given).toEqual(Array.from({ length }, (_, at) => (at % 2 === 0 ? 'a' : 'b')));
      }),
      RUN,
    );
  });
});

describe('things that stand for generators', () => {
  it('an invocation, an array, an iterable, functions and what functions return', () => {
    const pair = [
      { f: 'a', value: 1 },
      { f: 'b', value: 2 },
    ];
    expect(fs({ f: 'a', value: 1 })).toEqual(['a']);
    expect(fs([pair, [], [[{ f: 'c', value: null }]]])).toEqual(['a', 'b', 'c']);
    expect(fs(new Set(pair))).toEqual(['a', 'b']);
    expect(fs(() => null)).toEqual([]);
    expect(fs(limit(5, () => pair))).toEqual(['a', 'b', 'a', 'b', 'a']);
    expect(fs(limit(3, () => [sleep(MILLISECOND), ...pair]))).toEqual(['a', 'b', 'a']);
    expect(
      fs(({ ordinal }) => (ordinal < 2 ? { f: 'x', value: null } : null), { concurrency: 1 }),
    ).toEqual(['x', 'x']);
  });

  it('an iterable is drawn from once, and no further than needed', () => {
    let drawn = 0;
    function* numbers(): IterableIterator<{ f: string; value: number }> {
      for (;;) yield { f: 'n', value: drawn++ };
    }
    const values = invocations(limit(20, numbers()), { latency: rough }).map(({ value }) => value);
    expect(values).toEqual(Array.from({ length: 20 }, (_, at) => at));
    expect(drawn).toBeLessThanOrEqual(21);
  });

  it('refuses what stands for none', () => {
    for (const thing of [undefined, null, 5, 'read', {}]) {
      expect(() => toGenerator(thing as never)).toThrow('expected a generator, an invocation');
    }
    expect(() => fs(() => [])).toThrow('nothing in it');
  });
});
