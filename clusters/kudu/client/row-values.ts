/** Taking operations' values apart, with errors that name what was wrong: bugs of the workload. */
import type { Value } from '../../../harness/operation.ts';

/** `[key, argument]`. @throws TypeError for anything else */
export function keyed(f: string, value: Value): readonly [number, Value] {
  if (Array.isArray(value) && value.length === 2) {
    return [number(f, value[0] as Value), value[1] as Value];
  }
  throw new TypeError(`${f}: value ${JSON.stringify(value)}, expected [key, value]`);
}

/** @throws TypeError for anything but a number */
export function number(f: string, value: Value): number {
  if (typeof value === 'number') return value;
  throw new TypeError(`${f}: ${JSON.stringify(value)}, expected a number`);
}
