import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { always, fs, invocations, random, rough } from '../../test/support/virtual.ts';
import type { FaultStep } from '../nemesis.ts';
import { simulate } from '../simulate.ts';
import { any } from './any.ts';
import { faultSteps } from './fault-steps.ts';
import { limit } from './limit.ts';
import { filter, map, mapF } from './map.ts';
import { mix, weightedMix } from './mix.ts';
import { onThreads } from './on-threads.ts';
import { reserve } from './reserve.ts';
import { clients, nemesis } from './routing.ts';
import { sleep } from './sleep.ts';

const RUN = { seed: 2103, numRuns: 60 };
const seeds = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

function fault(id: string): FaultStep {
  return {
    id,
    lane: 'k',
    kind: 'kill',
    selector: 'one',
    trigger: { at: 0 },
    heal: { end: true },
    draw: 0,
  };
}

describe(`choice (seed ${RUN.seed})`, () => {
  it('mix gives everything, each about equally often', () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.nat(20), { maxLength: 5 }), (seed, parts) => {
        const generator = mix(parts.map((count, at) => limit(count, always(`${at}`))));
        const given = fs(generator, { seed, latency: rough }).sort();
        expect(given).toEqual(parts.flatMap((count, at) => new Array<string>(count).fill(`${at}`)));
        const third = fs(mix([always('a'), always('b'), always('c')]), {
          seed,
          maxOperations: 3000,
        });
        const often = third.filter((f) => f === 'a').length;
        // Deviation 26.
        expect(Math.abs(often - 1000)).toBeLessThan(150);
      }),
      RUN,
    );
  });

  it('weightedMix gives in proportion', () => {
    const given = fs(
      weightedMix([
        [3, always('a')],
        [1, always('b')],
        [0, always('c')],
      ]),
      { maxOperations: 4000 },
    );
    expect(Math.abs(given.filter((f) => f === 'a').length - 3000)).toBeLessThan(150);
    expect(given).not.toContain('c');
    expect(() => weightedMix([[0.5, random]])).toThrow('a weight of 0.5');
  });

  it('any gives everything of all, in turn, and does not wait for the slower', () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.nat(20), { maxLength: 5 }), (seed, parts) => {
        const generator = any(parts.map((count, at) => limit(count, always(`${at}`))));
        const given = fs(generator, { seed, latency: rough });
        expect([...given].sort()).toEqual(
          parts.flatMap((count, at) => new Array<string>(count).fill(`${at}`)),
        );
        const least = Math.min(...parts);
        if (parts.length === 0) return;
        for (let round = 0; round < least; round++) {
          const turn = given.slice(round * parts.length, (round + 1) * parts.length);
          expect(turn).toEqual(parts.map((_, at) => `${at}`));
        }
      }),
      RUN,
    );
    const late = any([[sleep(1e6), { f: 'late', value: null }], limit(1000, always('soon'))]);
    const found = invocations(late, { maxOperations: 2000 }).filter(({ f }) => f === 'late');
    expect(found.map(({ time }) => time >= 1e6 && time < 20e6)).toEqual([true]);
  });

  it('any hands out faults before operations, wherever they stand', () => {
    const generator = any([always('x'), nemesis(faultSteps([fault('one'), fault('two')]))]);
    const { faults, history } = simulate({
      generator,
      concurrency: 2,
      seed: 1n,
      maxOperations: 10,
    });
    expect(faults.map(({ step, time }) => [step.id, time])).toEqual([
      ['one', 0],
      ['two', 0],
    ]);
    expect(history).toHaveLength(20);
  });

  it('clients and nemesis route, and an operation in nemesis is an error', () => {
    const both = simulate({
      generator: clients(limit(2, random), faultSteps([fault('one')])),
      concurrency: 2,
      seed: 1n,
    });
    expect([both.faults.length, both.history.length, both.ended]).toEqual([1, 4, 'done']);
    expect(fs(clients(limit(2, random)))).toHaveLength(2);
    expect(() => fs(nemesis(random))).toThrow('only fault steps inside nemesis');
  });

  it('reserve and onThreads keep to their threads, and use all of them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        seeds,
        (a, b, seed) => {
          const concurrency = a + b + 1;
          const generator = reserve(
            [
              [a, always('a')],
              [b, always('b')],
            ],
            always('c'),
          );
          const options = { concurrency, seed, latency: rough, maxOperations: 10 * concurrency };
          const given = invocations(generator, options);
          for (const { f, process } of given) {
            const thread = process % concurrency;
            expect(f).toBe(thread < a ? 'a' : thread < a + b ? 'b' : 'c');
          }
          expect(new Set(given.map(({ process }) => process % concurrency)).size).toBe(concurrency);
          const odd = invocations(
            onThreads((thread) => thread % 2 === 0, random),
            options,
          );
          expect(odd.every(({ process }) => (process % concurrency) % 2 === 0)).toBe(true);
        },
      ),
      RUN,
    );
    expect(fs(reserve([[1, limit(4, always('a'))]]))).toEqual(['a', 'a', 'a', 'a']);
    expect(fs(onThreads([1], limit(3, always('a'))))).toHaveLength(3);
    expect(() => reserve([[0, random]])).toThrow('expected an integer of at least 1');
  });

  it('map, mapF and filter', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 2, max: 50 }), (seed, modulus) => {
        const options = { seed, latency: rough, maxOperations: 100 };
        const divides = filter(({ value }) => Number(value) % modulus === 0, random);
        const values = invocations(divides, options).map(({ value }) => Number(value));
        expect(values).toHaveLength(100);
        expect(values.every((value) => value % modulus === 0)).toBe(true);
        expect(new Set(values).size).toBeGreaterThan(90);
        const doubled = map(({ f, value }, { thread }) => ({ f, value: [thread, value] }), random);
        for (const { process, value } of invocations(doubled, options)) {
          expect((value as number[])[0]).toBe(process % 3);
        }
      }),
      RUN,
    );
    expect(
      fs(
        mapF({ a: 'z' }, [
          { f: 'a', value: 1 },
          { f: 'b', value: 1 },
        ]),
      ),
    ).toEqual(['z', 'b']);
    expect(() => fs(filter(() => false, random))).toThrow('in a row did not hold');
    expect(fs(filter(({ f }) => f !== 'a', limit(5, always('a'))))).toEqual([]);
  });
});
