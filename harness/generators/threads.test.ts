import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  always,
  byThread,
  fs,
  invocations,
  mostAtOnce,
  random,
  rough,
} from '../../test/support/virtual.ts';
import type { Context, Generator, GeneratorLike, Step } from '../generator.ts';
import { MILLISECOND, type Operation } from '../operation.ts';
import { simulate } from '../simulate.ts';
import { any } from './any.ts';
import { eachProcess, eachThread } from './each-thread.ts';
import { flipFlop } from './flip-flop.ts';
import { independent, splitKey, withKey } from './independent.ts';
import { cycle, limit, repeat } from './limit.ts';
import { filter, map } from './map.ts';
import { mix } from './mix.ts';
import { onUpdate, trace } from './on-update.ts';
import { stagger } from './pace.ts';
import { concurrencyLimit, processLimit } from './process-limit.ts';
import { reserve } from './reserve.ts';
import { sleep } from './sleep.ts';
import { andThen, phases } from './synchronize.ts';
import { timeLimit } from './time-limit.ts';
import { untilOk } from './until-ok.ts';

const RUN = { seed: 2105, numRuns: 40 };
const seeds = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const concurrencies = fc.integer({ min: 1, max: 40 });

describe(`threads and processes (seed ${RUN.seed})`, () => {
  it('eachThread: each runs all of its copy', () => {
    fc.assert(
      fc.property(seeds, concurrencies, fc.nat(6), (seed, concurrency, count) => {
        const generator = eachThread(
          Array.from({ length: count }, (_, at) => ({ f: `${at}`, value: null })),
        );
        const { history, ended } = simulate({ generator, concurrency, seed, latency: rough });
        expect(ended).toBe('done');
        const all = Array.from({ length: count }, (_, at) => `${at} null`);
        for (const given of byThread(history, concurrency)) expect(given).toEqual(all);
      }),
      RUN,
    );
  });

  it('eachProcess: a crash begins anew, and the last copy of each thread is run in full', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 10 }), (seed, concurrency) => {
        const generator = eachProcess([
          { f: '0', value: null },
          { f: '1', value: null },
        ]);
        const { history, ended } = simulate({ generator, concurrency, seed, latency: rough });
        expect(ended).toBe('done');
        const given = new Map<number, string>();
        for (const { type, process, f } of history) {
          if (type === 'invoke') given.set(process, (given.get(process) ?? '') + f);
        }
        const crashed = new Set(
          history.filter(({ type }) => type === 'info').map(({ process }) => process),
        );
        for (const [process, all] of given)
          expect(crashed.has(process) ? ['0', '01'] : ['01']).toContain(all);
        for (const process of crashed) expect(given.has(process + concurrency)).toBe(true);
      }),
      RUN,
    );
  });

  it('processLimit: never more processes, and ends for all of them at once', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 10 }), fc.nat(20), (seed, concurrency, more) => {
        const generator = processLimit(concurrency + more, random);
        const { history, ended } = simulate({
          generator,
          concurrency,
          seed,
          latency: rough,
          maxOperations: 5000,
        });
        expect(ended).toBe('done');
        const crashes = history.filter(({ type }) => type === 'info').length;
        expect(new Set(history.map(({ process }) => process)).size).toBeLessThanOrEqual(
          concurrency + more,
        );
        expect(crashes).toBeGreaterThan(more);
      }),
      RUN,
    );
    expect(fs(processLimit(2, random), { concurrency: 3 })).toEqual([]);
  });

  it('concurrencyLimit: never more at once, and that many', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 10 }), (seed, most) => {
        const options = { concurrency: 12, seed, latency: rough, maxOperations: 300 };
        const alone = simulate({ generator: concurrencyLimit(most, random), ...options });
        expect(mostAtOnce(alone.history)).toBe(most);
        // Others do not count.
        const beside = any([concurrencyLimit(most, always('own')), always('other')]);
        const { history } = simulate({ generator: beside, ...options });
        expect(mostAtOnce(history.filter(({ f }) => f === 'own'))).toBeLessThanOrEqual(most);
        expect(mostAtOnce(history)).toBe(12);
      }),
      RUN,
    );
    expect(fs(concurrencyLimit(1, limit(5, random)))).toHaveLength(5);
  });

  it('untilOk: goes on until one of its own is ok, through failures and crashes', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.integer({ min: 1, max: 5 }), (failures, concurrency) => {
        let ended = 0;
        const latency = ({ f }: Operation): { nanos: number; type: 'ok' | 'fail' | 'info' } => {
          if (f === 'other') return { nanos: 3, type: 'ok' };
          return {
            nanos: 10,
            type: ended++ < failures ? (ended % 2 === 0 ? 'fail' : 'info') : 'ok',
          };
        };
        const generator = any([
          untilOk(repeat({ f: 'own', value: null })),
          limit(50, always('other')),
        ]);
        const { history } = simulate({ generator, concurrency, seed: 1n, latency });
        const first = history.findIndex(({ f, type }) => f === 'own' && type === 'ok');
        const own = history.filter(({ f, type }) => f === 'own' && type === 'invoke');
        expect(first).toBeGreaterThan(0);
        expect(own.every(({ index }) => index < first)).toBe(true);
        expect(own.length).toBeGreaterThan(failures);
      }),
      RUN,
    );
  });

  it('onUpdate replaces, and trace sees', () => {
    let seen = 0;
    const stop = onUpdate(
      (generator, event) => (event.type === 'ok' ? [] : generator),
      always('x'),
    );
    expect(
      fs(
        trace(() => seen++, stop),
        { concurrency: 2 },
      ),
    ).toHaveLength(2);
    expect(seen).toBeGreaterThanOrEqual(4);
  });
});

describe(`independent (seed ${RUN.seed})`, () => {
  it('each thread does its number on each key of its group, in order', () => {
    const generators = fc.record({
      threadsPerKey: fc.integer({ min: 1, max: 5 }),
      operationsPerKey: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(
        seeds,
        concurrencies,
        generators,
        (seed, concurrency, { threadsPerKey, operationsPerKey }) => {
          const keys = (index: number): string | null => (index < 30 ? `k${index}` : null);
          const generator = independent({
            keys,
            threadsPerKey,
            operationsPerKey,
            generator: () => random,
          });
          const { history, ended } = simulate({ generator, concurrency, seed, latency: rough });
          expect(ended).toBe('done');
          const groups = Math.ceil(concurrency / threadsPerKey);
          byThread(history, concurrency).forEach((given, thread) => {
            const expected: string[] = [];
            for (let key = Math.floor(thread / threadsPerKey); key < 30; key += groups) {
              expected.push(...new Array<string>(operationsPerKey).fill(`k${key}`));
            }
            const found = given.map(
              (line) => splitKey(JSON.parse(line.slice('random '.length)) as never)?.key,
            );
            expect(found).toEqual(expected);
          });
        },
      ),
      RUN,
    );
  });

  it('goes on when a key is exhausted, and hands updates down without the key', () => {
    const generator = independent({
      keys: (index) => (index < 3 ? `k${index}` : null),
      threadsPerKey: 1,
      operationsPerKey: 9,
      generator: () => untilOk(always('x')),
    });
    let asked = 0;
    const latency = (): { nanos: number; type: 'ok' | 'fail' } => ({
      nanos: 1,
      type: ++asked % 3 === 0 ? 'ok' : 'fail',
    });
    const values = invocations(generator, { concurrency: 1, latency }).map(
      ({ value }) => splitKey(value)?.key,
    );
    expect(values).toEqual(['k0', 'k0', 'k0', 'k1', 'k1', 'k1', 'k2', 'k2', 'k2']);
    expect(splitKey(withKey('a', [1, null]))).toEqual({ key: 'a', value: [1, null] });
    expect(splitKey(5)).toBe(null);
    expect(() =>
      independent({ keys: String, threadsPerKey: 0, operationsPerKey: 1, generator: () => random }),
    ).toThrow('threadsPerKey is 0');
  });
});

/** Asks its child twice, demands the same answer, and now and then throws the whole round away. */
class Twice implements Generator {
  readonly listens: boolean;
  readonly #child: Generator;

  constructor(child: Generator) {
    this.#child = child;
    this.listens = child.listens;
  }

  next(context: Context): Step {
    const first = this.#child.next(context);
    const second = this.#child.next(context);
    expect({ ...second, next: null }).toEqual({ ...first, next: null });
    return second.kind === 'done' ? second : { ...second, next: new Twice(second.next) };
  }

  update(context: Context, event: Operation): Generator {
    return new Twice(this.#child.update(context, event));
  }
}

describe('asking is without effect', () => {
  const pair: GeneratorLike = [
    { f: 'a', value: 1 },
    { f: 'b', value: 2 },
  ];
  const endless = cycle(pair);
  it.each<[string, () => Generator]>([
    ['any', () => any([endless, [sleep(50), random], limit(5, random)])],
    ['cycle', () => cycle([sleep(5), random])],
    ['eachProcess', () => eachProcess([...new Array<GeneratorLike>(5).fill(pair)])],
    ['eachThread', () => eachThread(stagger(MILLISECOND, endless))],
    ['filter', () => filter(({ value }) => Number(value) % 2 === 0, random)],
    ['flipFlop', () => flipFlop(endless, random)],
    [
      'independent',
      () =>
        independent({
          keys: String,
          threadsPerKey: 2,
          operationsPerKey: 3,
          generator: () => endless,
        }),
    ],
    ['map', () => map(({ f }, context) => ({ f, value: context.below(100) }), endless)],
    ['mix', () => mix([endless, random, limit(3, random)])],
    ['phases', () => phases([pair, limit(20, random), pair])],
    ['andThen', () => andThen(pair, limit(10, random))],
    ['repeat', () => repeat([sleep(5), random])],
    [
      'reserve',
      () =>
        reserve(
          [
            [1, endless],
            [1, stagger(MILLISECOND, random)],
          ],
          random,
        ),
    ],
    ['stagger', () => stagger(MILLISECOND, endless)],
    ['timeLimit', () => timeLimit(50 * MILLISECOND, endless)],
    ['untilOk', () => untilOk(random)],
    ['concurrencyLimit', () => concurrencyLimit(2, endless)],
    ['processLimit', () => processLimit(20, endless)],
  ])('%s', (_, make) => {
    const options = { concurrency: 4, seed: 3n, latency: rough, maxOperations: 200 };
    const once = simulate({ ...options, generator: make() });
    expect(simulate({ ...options, generator: new Twice(make()) })).toEqual(once);
    expect(once.history.length).toBeGreaterThan(1);
  });
});
