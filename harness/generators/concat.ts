/** One generator after another. */
import type { Generator, GeneratorLike } from '../generator.ts';
import { toGenerator } from './to-generator.ts';

/** Each of these until it is exhausted, in order. Jepsen's `concat`, and what an array stands for. */
export function concat(parts: readonly GeneratorLike[]): Generator {
  return toGenerator(parts);
}

/** `concat` by another name, for reading: `sequence([setup, work, check])`. */
export const sequence = concat;
