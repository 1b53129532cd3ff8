/**
 * Deadlines of everything outstanding, with one timer for all: every deadline is equally long, so that the queue is in
 * the order of arrival, and joining and leaving it are a few assignments.
 */
import type { Clock, Timer } from './clock.ts';
import type { Nanoseconds } from './operation.ts';

/** What can wait in a DeadlineQueue: the links are the queue's own. */
export interface Deadlined {
  dueAt: Nanoseconds;
  earlier: Deadlined | null;
  later: Deadlined | null;
}

export class DeadlineQueue<T extends Deadlined> {
  readonly #clock: Clock;
  readonly #lengthNanos: Nanoseconds;
  readonly #expired: (item: T) => void;
  #head: T | null = null;
  #tail: T | null = null;
  #timer: Timer | null = null;
  #disposed = false;

  /** @param expired called with each item that is still queued when its deadline passed; it must be removed then */
  constructor(clock: Clock, lengthNanos: Nanoseconds, expired: (item: T) => void) {
    this.#clock = clock;
    this.#lengthNanos = lengthNanos;
    this.#expired = expired;
  }

  /** @param now must not decrease from call to call */
  add(item: T, now: Nanoseconds): void {
    item.dueAt = now + this.#lengthNanos;
    item.earlier = this.#tail;
    item.later = null;
    if (this.#tail === null) this.#head = item;
    else this.#tail.later = item;
    this.#tail = item;
    if (this.#timer === null) this.#arm(item.dueAt);
  }

  /** Harmless for an item that is not queued. */
  remove(item: T): void {
    const { earlier, later } = item;
    if (earlier === null && this.#head !== item) return;
    if (earlier === null) this.#head = later as T | null;
    else earlier.later = later;
    if (later === null) this.#tail = earlier as T | null;
    else later.earlier = earlier;
    item.earlier = null;
    item.later = null;
  }

  /** Everything queued, the earliest deadline first. */
  items(): T[] {
    const items: T[] = [];
    for (let item = this.#head; item !== null; item = item.later as T | null) items.push(item);
    return items;
  }

  /** Cancels the timer; nothing expires any more. */
  dispose(): void {
    this.#disposed = true;
    this.#timer?.cancel();
    this.#timer = null;
  }

  #arm(time: Nanoseconds): void {
    if (!this.#disposed) this.#timer = this.#clock.at(time, this.#check);
  }

  /** The timer outlives the item that it was set for: usually nothing is due, and it is set for the next one. */
  readonly #check = (): void => {
    this.#timer = null;
    const head = this.#head;
    if (head === null) return;
    const now = this.#clock.now();
    if (head.dueAt > now) return this.#arm(head.dueAt);
    afterPoll(this.#clock, () => this.#expire(now));
  };

  #expire(cutoff: Nanoseconds): void {
    if (this.#disposed) return;
    for (let head = this.#head; head !== null && head.dueAt <= cutoff; head = this.#head) {
      this.remove(head);
      this.#expired(head);
    }
    if (this.#timer === null && this.#head !== null) this.#arm(this.#head.dueAt);
  }
}

/**
 * Calls back when I/O was polled since: twice, because an answer may take two reads. If the event loop was blocked
 * until after a deadline, the answer waiting in the socket still counts.
 */
export function afterPoll(clock: Clock, callback: () => void): void {
  clock.soon(() => clock.soon(callback));
}
