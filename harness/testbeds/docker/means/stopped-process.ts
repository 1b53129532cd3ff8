/** A process of which no thread runs for a moment, so that its code can be changed. */
import { readdirSync, readFileSync } from 'node:fs';

/** Looks at threads that have not stopped yet; a stop takes less than a millisecond, more on a busy machine. */
const MOST_LOOKS = 20_000;
/** So many looks at once, then one after each pause: a thread that is to stop needs a processor for it. */
const EAGER_LOOKS = 20;
const PAUSE_MS = 0.1;
const NEVER_WOKEN = new Int32Array(new SharedArrayBuffer(4));
const MOST_TRIES = 50;

/** Addresses from `start` up to, not including, `end`. */
export interface AddressRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Stops every thread, acts, and lets them go on; one that was stopped before stays so. A thread that is in the midst of
 * the code that is to change is let go on for a moment first.
 *
 * Seen is where each thread itself stands (/proc/PID/task/TID/syscall), not where a signal handler that it is in will
 * return to.
 * @param busy code that no thread may be in: an address inside, not the first
 * @throws when the threads do not stop, or one does not leave that code
 */
export function whileStopped(pid: number, busy: readonly AddressRange[], act: () => void): void {
  const stoppedBefore = isStopped(pid);
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    process.kill(pid, 'SIGSTOP');
    try {
      const counters = programCounters(pid);
      const inside = (at: number): boolean => busy.some(({ start, end }) => at > start && at < end);
      if (!counters.some(inside)) return act();
    } finally {
      if (!stoppedBefore) process.kill(pid, 'SIGCONT');
    }
  }
  throw new Error(`a thread of process ${pid} does not leave the code that is to change`);
}

function isStopped(pid: number): boolean {
  return /\) [Tt] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

/** Where each thread stands, once none runs any more. */
function programCounters(pid: number): readonly number[] {
  for (let looks = 0; looks < MOST_LOOKS;) {
    const places: (number | null)[] = [];
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      let place = programCounter(pid, thread);
      while (place === null && looks++ < MOST_LOOKS) {
        if (looks > EAGER_LOOKS) Atomics.wait(NEVER_WOKEN, 0, 0, PAUSE_MS);
        place = programCounter(pid, thread);
      }
      places.push(place);
    }
    const known = places.filter((place) => place !== null);
    // A thread that was born while they were listed is stopped with the others; it shows in the next list.
    if (known.length === places.length && readdirSync(`/proc/${pid}/task`).length === known.length)
      return known;
  }
  throw new Error(`the threads of process ${pid} do not stop`);
}

/** Null: it runs. A thread that has ended stands nowhere. */
function programCounter(pid: number, thread: string): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/task/${thread}/syscall`, 'latin1').trim().split(' ');
    return fields[0] === 'running' ? null : Number(fields.at(-1));
  } catch {
    return 0;
  }
}
