/** Times as words in evidence. */
import { MILLISECOND, SECOND } from '../harness/operation.ts';
import type { Nanoseconds } from '../harness/operation.ts';

/** A moment of the run: `20.000 s`. */
export function when(nanos: Nanoseconds): string {
  return `${(nanos / SECOND).toFixed(3)} s`;
}

/** A length of time: `350 ms`, `12.500 s`. */
export function span(nanos: Nanoseconds): string {
  return nanos < SECOND ? `${String(Math.round(nanos / MILLISECOND))} ms` : when(nanos);
}
