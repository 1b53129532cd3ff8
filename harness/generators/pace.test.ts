import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { always, invocations, random, rough } from '../../test/support/virtual.ts';
import { MILLISECOND, SECOND, type Operation } from '../operation.ts';
import { limit, once } from './limit.ts';
import { delay, stagger } from './pace.ts';
import { sleep } from './sleep.ts';
import { phases } from './synchronize.ts';
import { timeLimit } from './time-limit.ts';

const RUN = { seed: 2104, numRuns: 40 };
const seeds = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

function intervals(operations: readonly Operation[]): number[] {
  return operations.slice(1).map(({ time }, at) => time - (operations[at]?.time ?? NaN));
}

describe(`pace (seed ${RUN.seed})`, () => {
  it('stagger: intervals uniform up to twice the period, whoever emits', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 100 }), (seed, periodMillis) => {
        const period = periodMillis * MILLISECOND;
        // More threads than are ever busy, so that nothing is late.
        const options = { seed, concurrency: 200, maxOperations: 500 };
        const found = intervals(invocations(stagger(period, random), options));
        expect(Math.min(...found)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...found)).toBeLessThanOrEqual(2 * period);
        const mean = found.reduce((sum, interval) => sum + interval, 0) / found.length;
        // Deviation of the mean: 0.026 periods.
        expect(Math.abs(mean / period - 1)).toBeLessThan(0.13);
        expect(found.filter((interval) => interval < period / 2).length).toBeGreaterThan(75);
      }),
      RUN,
    );
  });

  it('two staggers one after another draw differently', () => {
    const part = (f: string): ReturnType<typeof stagger> => stagger(1000, limit(50, always(f)));
    const given = invocations([part('a'), part('b')], {
      concurrency: 1,
      latency: () => ({ nanos: 1, type: 'ok' }),
    });
    expect(intervals(given.slice(0, 50))).not.toEqual(intervals(given.slice(50)));
  });

  it('delay: exactly a period apart when nothing is late', () => {
    const given = invocations(delay(20 * MILLISECOND, random), { maxOperations: 50 });
    expect(given.map(({ time }) => time)).toEqual(
      Array.from({ length: 50 }, (_, at) => at * 20 * MILLISECOND),
    );
  });

  it('a stall is caught up only in small part', () => {
    // Each of 3 threads is held up for a second by its 40th operation.
    const latency = ({ time }: Operation): { nanos: number; type: 'ok' } => ({
      nanos: time > 100 * MILLISECOND && time < 110 * MILLISECOND ? SECOND : 1,
      type: 'ok',
    });
    const given = invocations(delay(MILLISECOND, random), { latency, maxOperations: 500 });
    const resumed = given.findIndex(({ time }) => time > SECOND);
    const burst = given
      .slice(resumed)
      .filter(({ time }) => time < (given[resumed]?.time ?? NaN) + MILLISECOND / 2);
    expect(burst.length).toBeGreaterThan(5);
    expect(burst.length).toBeLessThanOrEqual(11);
  });

  it('the end is found at once when all is idle', () => {
    const generator = phases([stagger(1000 * SECOND, once(random)), once(always('after'))]);
    expect(invocations(generator)[1]?.time).toBeLessThan(SECOND);
  });

  it('sleep holds up what comes after it, exactly', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), (first, second) => {
        const generator = [
          sleep(first),
          { f: 'a', value: null },
          sleep(second),
          { f: 'b', value: null },
        ];
        expect(invocations(generator).map(({ time }) => time)).toEqual([first, first + second]);
      }),
      RUN,
    );
  });

  it('timeLimit: from the first operation on, and all of that time', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 300 }), fc.nat(500), (seed, millis, before) => {
        const generator = timeLimit(millis * MILLISECOND, [sleep(before), random]);
        const times = invocations(generator, {
          seed,
          latency: rough,
          concurrency: 50,
          maxOperations: 5000,
        }).map(({ time }) => time - before);
        expect(times[0]).toBe(0);
        expect(Math.max(...times)).toBeLessThan(millis * MILLISECOND);
      }),
      { ...RUN, numRuns: 20 },
    );
    const after = [timeLimit(50, stagger(1000, random)), { f: 'after', value: null }];
    expect(invocations(after).find(({ f }) => f === 'after')?.time).toBe(50);
    expect(invocations(timeLimit(0, random))).toEqual([]);
  });

  it('refuses periods that are none', () => {
    for (const period of [-1, NaN, Infinity])
      expect(() => stagger(period, random)).toThrow(RangeError);
  });
});
