/** Reading what operations carry, for models. */
import type { Value } from '../../../harness/operation.ts';
import { isList, isRecord, textOf } from '../../value-text.ts';

/** The text a get completed with. */
export function textIn(output: Value, initial: string): string {
  return plainText(pairOf(output)[1], initial);
}

/** @throws TypeError when it is no pair. */
export function pairOf(value: Value): readonly [Value, Value] {
  if (isList(value) && value.length === 2) return value as readonly [Value, Value];
  throw new TypeError(`${textOf(value)}: expected a pair [key, value]`);
}

/** A text; null stands for `absent`. @throws TypeError when it is neither. */
export function plainText(value: Value, absent: string): string {
  if (typeof value === 'string') return value;
  if (value === null) return absent;
  if (typeof value === 'number') return String(value);
  throw new TypeError(`${textOf(value)}: expected a text`);
}

/** What a compare-and-set compares with and writes: {from, to} or [from, to]. */
export function comparisonOf(value: Value): readonly [Value, Value] {
  if (isRecord(value)) return [value['from'] ?? null, value['to'] ?? null];
  return pairOf(value);
}

/** A completed compare-and-set that says {swapped: false}, alone or as the second of a pair. */
export function isRefused(output: Value | undefined): boolean {
  if (output === undefined) return false;
  const answer = isList(output) ? output[1] : output;
  return answer !== undefined && isRecord(answer) && answer['swapped'] === false;
}
