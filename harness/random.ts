/**
 * Chance. One 64-bit root seed a run; every draw is a pure function of (seed, stream, slot, ordinal), so that adding
 * one fault or losing one race does not change any other choice. `Math.random` is forbidden everywhere.
 *
 * The mixing function is the 32-bit finalizer of MurmurHash3 (Appleby, public domain), applied per keyed word.
 */

import { randomBytes } from 'node:crypto';

/** Draws of one run. Stateless: equal arguments, equal draws. */
export interface Random {
  readonly seed: bigint;
  /**
   * A number in [0, 1) with 53 random bits.
   * @param stream which choice this is (`streamOf('mix')`), @param slot the thread or lane it is made for,
   * @param ordinal how many draws of this stream and slot came before.
   */
  draw(stream: number, slot: number, ordinal: number): number;
  /** A sequence of draws under a name, for code that draws one after another (schedules, jitter). */
  sequence(name: string, slot?: number): Draws;
}

/** Successive draws of one stream and slot. */
export interface Draws {
  /** In [0, 1). */
  next(): number;
  /** An integer in [0, bound). */
  below(bound: number): number;
  /** In [low, high). */
  between(low: number, high: number): number;
  pick<T>(items: readonly T[]): T;
  /** A new array in random order (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[];
}

/** @param seed any 64-bit unsigned integer. */
export function seededRandom(seed: bigint): Random {
  const low = Number(seed & 0xffffffffn) | 0;
  const high = Number((seed >> 32n) & 0xffffffffn) | 0;
  const draw = (stream: number, slot: number, ordinal: number): number => {
    let h = mix(low ^ mix(stream));
    h = mix(h ^ mix(high ^ Math.imul(slot, 0x9e3779b1)));
    h = mix(h ^ mix(ordinal ^ 0x85ebca6b));
    const upper = h >>> 5;
    const lower = mix(h ^ 0x27d4eb2f ^ Math.imul(ordinal, 0x165667b1)) >>> 6;
    return (upper * 0x4000000 + lower) / 0x20000000000000;
  };
  return {
    seed,
    draw,
    sequence: (name, slot = 0) => sequence(draw, streamOf(name), slot),
  };
}

function sequence(draw: Random['draw'], stream: number, slot: number): Draws {
  let ordinal = 0;
  const next = (): number => draw(stream, slot, ordinal++);
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    next,
    below,
    between: (low, high) => low + next() * (high - low),
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('pick: expected a non-empty list');
      return item;
    },
    shuffle: (items) => {
      const result = [...items];
      for (let last = result.length - 1; last > 0; last--) {
        const other = below(last + 1);
        [result[last], result[other]] = [result[other] as never, result[last] as never];
      }
      return result;
    },
  };
}

/** The number of a named stream (FNV-1a over UTF-16 code units). */
export function streamOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash | 0;
}

/** Derives a child stream's number, for nested choices. */
export function substream(stream: number, index: number): number {
  return mix(stream ^ Math.imul(index + 1, 0x9e3779b1));
}

function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** A new root seed, for a run that was given none. The only draw that no seed decides. */
export function freshSeed(): bigint {
  return BigInt(`0x${randomBytes(8).toString('hex')}`);
}
