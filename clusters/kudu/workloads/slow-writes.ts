/**
 * One thread that writes, with long times between; all read. For schedules in which nothing may be under way at a server
 * that is cut off: a deposed leader lets reads at a timestamp wait for the writes that it has begun, which never end.
 */
import type { Generator, LeafContext } from '../../../harness/generator.ts';
import { any } from '../../../harness/generators/any.ts';
import { onThreads } from '../../../harness/generators/on-threads.ts';
import { repeat } from '../../../harness/generators/limit.ts';
import { delay, stagger } from '../../../harness/generators/pace.ts';
import { sleep } from '../../../harness/generators/sleep.ts';
import {
  type Invocation,
  type Nanoseconds,
  SECOND,
  type Value,
} from '../../../harness/operation.ts';
import { KEYS } from './registers.ts';

export interface SlowWrites {
  /** Before the first write. */
  readonly lead: Nanoseconds;
  /** From one write to the next. */
  readonly period: Nanoseconds;
  /** Reads a second over all threads. */
  readonly readRate: number;
}

/**
 * Thread 0 writes one register, each value once; it reads between, as all others do.
 * @param f what reads are called. @param argument what the client is told besides the key. Default: nothing
 */
export function slowWrites(
  { lead, period, readRate }: SlowWrites,
  f: string,
  argument: Value = null,
): Generator {
  const write = ({ ordinal }: LeafContext): Invocation => ({
    f: 'write-anew',
    value: [REGISTER, ordinal + 1],
  });
  const read = { f, value: [REGISTER, argument] };
  return any([
    onThreads([0], [sleep(lead), delay(period, write)]),
    stagger(SECOND / readRate, repeat(read)),
  ]);
}

const REGISTER = KEYS[0] ?? 0;
