/**
 * Simulated time. The clock jumps from event to event, and advances in one place: after the microtask queue has
 * drained. With clock.ts the only file that may touch `setImmediate`.
 *
 * Node drains microtasks between two immediates, so that one immediate an event is enough, however long the chain of
 * promises that an event sets off; immediates are asked for in batches because each turn of Node's loop costs a poll.
 */
import type { Clock, Timer } from './clock.ts';
import { sleepOn } from './clock.ts';
import { EventHeap, type HeapEvent } from './event-heap.ts';
import type { Nanoseconds } from './operation.ts';
import { MILLISECOND } from './operation.ts';

/** Where simulated wall clocks begin: 2020-01-01T00:00:00Z, the same in every run. */
const EPOCH_MILLIS = Date.UTC(2020, 0, 1);

/** Immediates asked for at once. */
const BATCH = 32;

/** Quiet events run in one immediate at most, so that signals of the real world still get a turn. */
const QUIET_LIMIT = 1000;

/** A clock whose time is that of the event that runs. Stops by itself when nothing is scheduled. */
export class SimulatedClock implements Clock {
  readonly simulated = true;
  private readonly heap = new EventHeap();
  private time: Nanoseconds = 0;
  private requested = 0;
  private held = 0;
  private disposed = false;
  private executed = 0;

  now(): Nanoseconds {
    return this.time;
  }

  /** Events run so far. */
  get events(): number {
    return this.executed;
  }

  at(time: Nanoseconds, callback: () => void): Timer {
    return this.schedule(time, callback, false);
  }

  /**
   * As `at`, for a callback that settles no promise: the next event may follow at once, without waiting for the
   * microtask queue. An order of magnitude cheaper.
   */
  atQuietly(time: Nanoseconds, callback: () => void): Timer {
    return this.schedule(time, callback, true);
  }

  soon(callback: () => void): void {
    this.schedule(this.time, callback, false);
  }

  sleep(duration: Nanoseconds, signal?: AbortSignal): Promise<void> {
    return sleepOn(
      () => this.time,
      (time, callback) => this.at(time, callback),
      duration,
      signal,
    );
  }

  wallMillis(): number {
    return EPOCH_MILLIS + Math.floor(this.time / MILLISECOND);
  }

  /** Stops time while something of the real world is under way: a file being synced, a worker thread judging. */
  async hold<T>(work: Promise<T>): Promise<T> {
    this.held++;
    try {
      return await work;
    } finally {
      this.held--;
      this.pump();
    }
  }

  /** Forgets everything scheduled, and everything scheduled from now on. */
  dispose(): void {
    this.disposed = true;
    this.heap.clear();
  }

  private schedule(time: Nanoseconds, callback: () => void, quiet: boolean): Timer {
    // Written so that NaN is refused too.
    if (!(time < Infinity))
      throw new RangeError(`time of an event: expected a number, got ${time}`);
    if (this.disposed) return { cancel: () => undefined };
    const event = this.heap.push(Math.max(time, this.time), callback, quiet);
    if (this.requested === 0) this.pump();
    return event;
  }

  private pump(): void {
    if (this.requested > 0 || this.held > 0 || this.heap.size === 0) return;
    this.requested = BATCH;
    for (let i = 0; i < BATCH; i++) setImmediate(this.turn);
  }

  private readonly turn = (): void => {
    this.requested--;
    try {
      if (this.held === 0) this.runEvents();
    } finally {
      this.pump();
    }
  };

  /** Runs events up to and including the first that may have settled a promise. */
  private runEvents(): void {
    for (let count = 0; count < QUIET_LIMIT; count++) {
      const event = this.heap.pop();
      if (event === undefined) return;
      this.runEvent(event);
      if (!event.quiet) return;
    }
  }

  private runEvent(event: HeapEvent): void {
    this.time = event.time;
    this.executed++;
    event.callback?.();
  }
}
