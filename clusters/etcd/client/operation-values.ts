/** Taking operations' values apart, with errors that name what was wrong. */
import type { Value } from '../../../harness/operation.ts';

/** `[a, b]`. @throws TypeError for anything else, a bug of the workload */
export function keyedPair(value: Value): readonly [Value, Value] {
  if (Array.isArray(value) && value.length === 2) {
    return value as unknown as readonly [Value, Value];
  }
  throw new TypeError(`expected a pair, got ${JSON.stringify(value)}`);
}

/** Whether the value has named members. */
export function isRecord(value: Value): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
