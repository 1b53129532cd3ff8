/**
 * The harness watches itself: a test that ran on a starved machine proves nothing about liveness.
 *
 * - `event-loop`: a timer of ours fired late; nothing that needed the loop happened meanwhile.
 * - `cpu`: our thread was ready to run and was not run (its run-queue delay), or the control group was throttled. The
 *   pressure that /proc/pressure/cpu tells is no measure of that: on a machine of few CPUs some task always waits.
 * - `suspended`: time passed that the monotonic clock did not count (the machine slept, or its wall clock was set).
 */
import { readFileSync } from 'node:fs';
import type { Clock, Timer } from './clock.ts';
import type { EventSink, Stall } from './event.ts';
import { MICROSECOND, MILLISECOND, type Nanoseconds, SECOND } from './operation.ts';

export interface WatchOptions {
  readonly clock: Clock;
  readonly events: EventSink;
  /** A shorter delay is none. Default: 200 ms. */
  readonly boundNanos?: Nanoseconds;
  /** Reads one of the machine's files, null when there is none. Default: the file system. */
  readonly read?: (path: string) => string | null;
}

const TICK = 20 * MILLISECOND;
/** How often the machine's counters are read. */
const WINDOW = SECOND;
const BOUND = 200 * MILLISECOND;
/** Wall and monotonic clock may drift apart by this much a window (time being slewed). */
const JUMP = 500 * MILLISECOND;

/** A counter of nanoseconds that something was held up, or null where the machine has none. */
type Counter = () => Nanoseconds | null;

/** Watches until disposed. Does nothing in simulated time, which nothing can hold up. */
export function watchHarness(options: WatchOptions): Disposable {
  const { clock } = options;
  if (clock.simulated) return { [Symbol.dispose]: () => undefined };
  const bound = options.boundNanos ?? BOUND;
  const machine = new MachineWatch(options, bound);
  let due = clock.now() + TICK;
  let timer: Timer = clock.at(due, tick);
  function tick(): void {
    const now = clock.now();
    if (now - due > bound) options.events(stall('event-loop', due, now, now - due));
    machine.check(now);
    due = clock.now() + TICK;
    timer = clock.at(due, tick);
  }
  return { [Symbol.dispose]: () => timer.cancel() };
}

function stall(
  cause: Stall['cause'],
  notBefore: Nanoseconds,
  notAfter: Nanoseconds,
  durationNanos: Nanoseconds,
): Stall {
  return { type: 'stall', cause, notBefore, notAfter, durationNanos: Math.round(durationNanos) };
}

/** Reads the machine's counters once a window and tells what they grew by. */
class MachineWatch {
  readonly #options: WatchOptions;
  readonly #bound: Nanoseconds;
  readonly #waits: readonly Counter[];
  readonly #clocks: readonly Counter[];
  #windowBegan: Nanoseconds;
  /** What each counter said when the window began. */
  #before: readonly (Nanoseconds | null)[] = [];

  constructor(options: WatchOptions, bound: Nanoseconds) {
    const read = options.read ?? readOrNull;
    this.#options = options;
    this.#bound = bound;
    this.#waits = [() => runQueueDelay(read), () => throttledTime(read)];
    this.#clocks = [() => bootTime(read), () => options.clock.wallMillis() * MILLISECOND];
    this.#windowBegan = options.clock.now();
    this.#before = this.#readAll();
  }

  check(now: Nanoseconds): void {
    const window = now - this.#windowBegan;
    if (window < WINDOW) return;
    const from = this.#windowBegan;
    const after = this.#readAll();
    const grown = after.map((value, at) => growth(this.#before[at] ?? null, value));
    this.#before = after;
    this.#windowBegan = this.#options.clock.now();
    this.#tellWaits(grown, from, now);
    this.#tellJumps(grown.slice(-this.#clocks.length), from, now);
  }

  #readAll(): (Nanoseconds | null)[] {
    return [...this.#waits, ...this.#clocks].map((counter) => counter());
  }

  #tellWaits(grown: readonly Nanoseconds[], from: Nanoseconds, now: Nanoseconds): void {
    const waited = Math.max(...grown.slice(0, this.#waits.length));
    if (waited > this.#bound) this.#options.events(stall('cpu', from, now, waited));
  }

  /** Time that other clocks counted and the monotonic one did not. */
  #tellJumps(grown: readonly Nanoseconds[], from: Nanoseconds, now: Nanoseconds): void {
    const missed = Math.max(...grown) - (now - from);
    if (missed > JUMP) this.#options.events(stall('suspended', from, now, missed));
  }
}

function growth(before: Nanoseconds | null, after: Nanoseconds | null): Nanoseconds {
  return before === null || after === null ? 0 : after - before;
}

/** How long this thread was ready to run without running. */
function runQueueDelay(read: (path: string) => string | null): Nanoseconds | null {
  return numberIn(read('/proc/thread-self/schedstat'), /^\d+ (\d+)/, 1);
}

/** How long our control group was held back by its CPU quota: version 2 in microseconds, version 1 in nanoseconds. */
function throttledTime(read: (path: string) => string | null): Nanoseconds | null {
  return (
    numberIn(read('/sys/fs/cgroup/cpu.stat'), /^throttled_usec (\d+)/m, MICROSECOND) ??
    numberIn(read('/sys/fs/cgroup/cpu/cpu.stat'), /^throttled_time (\d+)/m, 1)
  );
}

/** Time since boot, suspension included. */
function bootTime(read: (path: string) => string | null): Nanoseconds | null {
  return numberIn(read('/proc/uptime'), /^([\d.]+)/, SECOND);
}

function numberIn(text: string | null, pattern: RegExp, unit: Nanoseconds): Nanoseconds | null {
  const digits = text === null ? undefined : pattern.exec(text)?.[1];
  return digits === undefined ? null : Number(digits) * unit;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null; // Not on this machine: a kernel without it, or a container that hides it.
  }
}
