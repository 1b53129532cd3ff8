/** A binary heap of timed events, in the order of (time, sequence): events of one time run as they were scheduled. */
import type { Timer } from './clock.ts';
import type { Nanoseconds } from './operation.ts';

/** A scheduled callback; null once it was cancelled. */
export class HeapEvent implements Timer {
  readonly time: Nanoseconds;
  readonly sequence: number;
  readonly quiet: boolean;
  callback: (() => void) | null;

  constructor(time: Nanoseconds, sequence: number, callback: () => void, quiet: boolean) {
    this.time = time;
    this.sequence = sequence;
    this.callback = callback;
    this.quiet = quiet;
  }

  /** Leaves a hole in the heap, skipped when its time comes. */
  cancel(): void {
    this.callback = null;
  }
}

/** The events of one simulated clock. */
export class EventHeap {
  private readonly events: HeapEvent[] = [];
  private sequence = 0;

  /** Events scheduled, with those cancelled but not yet skipped. */
  get size(): number {
    return this.events.length;
  }

  push(time: Nanoseconds, callback: () => void, quiet: boolean): HeapEvent {
    const event = new HeapEvent(time, this.sequence++, callback, quiet);
    this.rise(event);
    return event;
  }

  /** Takes out the earliest event that was not cancelled. */
  pop(): HeapEvent | undefined {
    for (;;) {
      const first = this.events[0];
      const last = this.events.pop();
      if (first === undefined || last === undefined) return undefined;
      if (last !== first) this.sink(last);
      if (first.callback !== null) return first;
    }
  }

  clear(): void {
    this.events.length = 0;
  }

  private rise(event: HeapEvent): void {
    const { events } = this;
    let index = events.length;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = events[above];
      if (parent === undefined || !precedes(event, parent)) break;
      events[index] = parent;
      index = above;
    }
    events[index] = event;
  }

  /** Puts `event` in at the root's place. */
  private sink(event: HeapEvent): void {
    const { events } = this;
    let index = 0;
    for (;;) {
      const left = events[2 * index + 1];
      if (left === undefined) break;
      const right = events[2 * index + 2];
      const rightFirst = right !== undefined && precedes(right, left);
      const child = rightFirst ? right : left;
      if (!precedes(child, event)) break;
      events[index] = child;
      index = 2 * index + (rightFirst ? 2 : 1);
    }
    events[index] = event;
  }
}

function precedes(a: HeapEvent, b: HeapEvent): boolean {
  return a.time < b.time || (a.time === b.time && a.sequence < b.sequence);
}
