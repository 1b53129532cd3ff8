import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Board } from './context.ts';
import type { Context } from './generator.ts';
import { seededRandom } from './random.ts';

const RUN = { seed: 2101, numRuns: 100 };

function board(concurrency: number, firstProcess = 0): Board {
  return new Board({ concurrency, random: seededRandom(1n), firstProcess });
}

describe('a board', () => {
  it('knows threads, processes and ordinals', () => {
    const four = board(4, 8);
    four.dispatched(2);
    four.completed(2, true);
    four.dispatched(2);
    expect([0, 1, 2, 3].map((thread) => four.process(thread))).toEqual([8, 9, 14, 11]);
    expect([0, 1, 2, 3].map((thread) => four.ordinal(thread))).toEqual([0, 0, 2, 0]);
    expect(four.nextProcess()).toBe(16);
    expect(four.freeCount()).toBe(3);
  });

  it('refuses what cannot be', () => {
    expect(() => board(0)).toThrow('expected an integer of at least 1');
    expect(() => board(3, 4)).toThrow('expected a multiple of 3');
    const two = board(2);
    two.dispatched(1);
    expect(() => two.dispatched(1)).toThrow('not free');
    expect(() => two.completed(0, false)).toThrow('was not given');
    expect(() => two.completed(5, false)).toThrow('was not given');
  });
});

describe(`contexts (seed ${RUN.seed})`, () => {
  it('agree with a plain set of free threads', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 130 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(), { maxLength: 200 }),
        (concurrency, modulus, acts) => {
          const subject = board(concurrency);
          const mask = { has: (thread: number): boolean => thread % modulus === modulus - 1 };
          const free = new Set(subject.context.threads);
          for (const act of acts) {
            const thread = act % concurrency;
            if (free.delete(thread)) subject.dispatched(thread);
            else {
              subject.completed(thread, false);
              free.add(thread);
            }
            agree(subject.context, [...free]);
            agree(subject.context.restrict(mask), [...free].filter(mask.has));
          }
        },
      ),
      RUN,
    );
  });

  it('pick in turn among the threads of a restriction, however others go', () => {
    const subject = board(100);
    const odd = { has: (thread: number): boolean => thread % 2 === 1 };
    const picked = Array.from({ length: 100 }, () => {
      const other = subject.context.restrict({ has: (thread) => thread % 2 === 0 }).pick();
      subject.dispatched(other);
      subject.completed(other, false);
      const thread = subject.context.restrict(odd).pick();
      expect(subject.context.restrict(odd).pick()).toBe(thread);
      subject.dispatched(thread);
      subject.completed(thread, false);
      return thread;
    });
    const odds = Array.from({ length: 50 }, (_, at) => 2 * at + 1);
    expect(picked).toEqual([...odds, ...odds]);
  });

  it('key draws by scope, and leaves remember theirs', () => {
    const { context } = board(3);
    const outside = context.draw(1, 0, 0);
    const inside = context.within(4, (child) => child.draw(1, 0, 0));
    const leaf = context.within(4, (child) => child.leaf(0));
    expect(inside).not.toBe(outside);
    expect(context.draw(1, 0, 0)).toBe(outside);
    expect(context.restrict({ has: () => true }).draw(1, 0, 0)).toBe(outside);
    expect(leaf.random()).not.toBe(context.leaf(0).random());
    expect(leaf.random(0)).not.toBe(leaf.random(1));
    expect(leaf.random(1)).toBe(leaf.random(1));
    expect(() =>
      context.within(1, () => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(context.draw(1, 0, 0)).toBe(outside);
  });
});

/** `free` in any order. */
function agree(context: Context, free: number[]): void {
  free.sort((a, b) => a - b);
  expect(context.freeCount()).toBe(free.length);
  expect(context.threads.filter((thread) => context.isFree(thread))).toEqual(free);
  const gone: number[] = [];
  for (let thread = context.pick(), rest = free.length; rest > 0; rest--) {
    gone.push(thread);
    thread = context.pickAfter(thread);
  }
  expect(gone.sort((a, b) => a - b)).toEqual(free);
  if (free.length === 0) expect(context.pick()).toBe(-1);
}
