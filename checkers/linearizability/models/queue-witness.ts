/** The order of a queue's operations, once it is known that there is one; see queue-order.ts. */
import type { Shortcut, Times } from '../model-shortcut.ts';
import type { EmptyDequeue, QueueValue } from './queue-order.ts';

/** Values and empty dequeues in an order that enqueues and dequeues can both follow. */
export function sortQueueValues(
  values: readonly QueueValue[],
  empties: readonly EmptyDequeue[],
): QueueValue[] {
  const byEnd = [...values].sort((a, b) => a.enqueueEnd - b.enqueueEnd);
  const cuts = [...empties].sort((a, b) => a.threshold - b.threshold || a.end - b.end);
  const sorted: QueueValue[] = [];
  let from = 0;
  for (const { number, call, end, threshold } of cuts) {
    let to = from;
    while (to < byEnd.length && (byEnd[to] as QueueValue).enqueueEnd < threshold) to++;
    appendSorted(sorted, byEnd.slice(from, to));
    sorted.push({
      enqueue: number,
      dequeue: number,
      enqueueCall: call,
      enqueueEnd: end,
      dequeueCall: call,
      dequeueEnd: end,
    });
    from = to;
  }
  appendSorted(sorted, byEnd.slice(from));
  return sorted;
}

/**
 * Always the value whose dequeue is called first, of those whose enqueue need not wait for another: if any value can come
 * next, this one can.
 */
function appendSorted(sorted: QueueValue[], byEnd: readonly QueueValue[]): void {
  const byCall = [...byEnd].sort((a, b) => a.enqueueCall - b.enqueueCall);
  const ready: QueueValue[] = [];
  const taken = new Set<QueueValue>();
  let next = 0;
  let first = 0;
  for (let count = 0; count < byEnd.length; count++) {
    while (first < byEnd.length && taken.has(byEnd[first] as QueueValue)) first++;
    const until = (byEnd[first] as QueueValue).enqueueEnd;
    for (; next < byCall.length && (byCall[next] as QueueValue).enqueueCall <= until; next++) {
      pushHeap(ready, byCall[next] as QueueValue);
    }
    const value = popHeap(ready);
    taken.add(value);
    sorted.push(value);
  }
}

function pushHeap(heap: QueueValue[], value: QueueValue): void {
  let at = heap.push(value) - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if ((heap[parent] as QueueValue).dequeueCall <= value.dequeueCall) break;
    heap[at] = heap[parent] as QueueValue;
    at = parent;
  }
  heap[at] = value;
}

function popHeap(heap: QueueValue[]): QueueValue {
  const top = heap[0] as QueueValue;
  const last = heap.pop() as QueueValue;
  if (heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let child = at * 2 + 1;
    if (child >= heap.length) break;
    const right = heap[child + 1];
    if (right !== undefined && right.dequeueCall < (heap[child] as QueueValue).dequeueCall) child++;
    if ((heap[child] as QueueValue).dequeueCall >= last.dequeueCall) break;
    heap[at] = heap[child] as QueueValue;
    at = child;
  }
  heap[at] = last;
  return top;
}

/** Merges the enqueues and the dequeues, each in the order of the values; null if that cannot be, which is a bug. */
export function mergeQueueOrder(sorted: readonly QueueValue[], times: Times): Shortcut | null {
  const dequeued = sorted.filter(({ dequeue }) => dequeue !== -1);
  const unscheduled = new Unscheduled(sorted, times);
  const order: number[] = [];
  const enqueued = new Uint8Array(times.call.length);
  let i = 0;
  let j = 0;
  while (i < sorted.length || j < dequeued.length) {
    const coming = sorted[i];
    const leaving = dequeued[j];
    const isEmpty = coming !== undefined && coming.enqueue === coming.dequeue;
    if (
      leaving !== undefined &&
      enqueued[leaving.enqueue] === 1 &&
      unscheduled.fits(leaving.dequeue)
    ) {
      unscheduled.take(leaving.dequeue, order);
      j++;
    } else if (coming === undefined || !unscheduled.fits(coming.enqueue)) {
      return null;
    } else if (!isEmpty) {
      unscheduled.take(coming.enqueue, order);
      enqueued[coming.enqueue] = 1;
      i++;
    } else if (leaving === coming) {
      unscheduled.take(coming.enqueue, order);
      i++;
      j++;
    } else {
      return null;
    }
  }
  return { outcome: 'legal', order };
}

/** Operations not in the order yet, to tell which may come next. */
class Unscheduled {
  private readonly times: Times;
  private readonly byEnd: number[];
  private readonly done: Uint8Array;
  private first = 0;

  constructor(sorted: readonly QueueValue[], times: Times) {
    const numbers = new Set<number>();
    for (const { enqueue, dequeue } of sorted) numbers.add(enqueue).add(dequeue);
    numbers.delete(-1);
    this.times = times;
    this.byEnd = [...numbers].sort((a, b) =>
      compare(times.end[a] as number, times.end[b] as number),
    );
    this.done = new Uint8Array(times.call.length);
  }

  fits(number: number): boolean {
    while (this.done[this.byEnd[this.first] as number] === 1) this.first++;
    const first = this.byEnd[this.first] as number;
    return (this.times.call[number] as number) <= (this.times.end[first] as number);
  }

  take(number: number, order: number[]): void {
    this.done[number] = 1;
    order.push(number);
  }
}

/** Of times that may both be infinite. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
