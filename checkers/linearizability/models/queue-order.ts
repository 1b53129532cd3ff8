/**
 * First-in-first-out queues without search, where every value is enqueued once (after Henzinger, Sezgin and Vafeiadis,
 * "Aspect-oriented linearizability proofs", 2013, and Lee and Mathur, "Decrease and conquer", 2025). O(n log n).
 *
 * Intervals are made tight first: an enqueue ends when its dequeue does, a dequeue is called when its enqueue is. A value
 * that is not dequeued is dequeued at infinity. A dequeue that finds nothing is a value of its own, enqueued and dequeued
 * at one point: that is legal just where the queue is empty. Then the history is legal when the values have an order π
 * that the enqueues and the dequeues can both follow. Why that is enough: take the orders of enqueues and of dequeues by
 * π, each enqueue before its dequeue, and real time ≺. Real time is an interval order (of p≺q and r≺s, p≺s or r≺q), so a
 * shortest cycle has one edge u≺v of it. Two enqueues, or two dequeues: against π. A dequeue before an enqueue of a value
 * not later in π: so is the enqueue, being tight, against π. An enqueue of u before a dequeue of v, with an empty o
 * between v and u in π: excluded by the cuts below. There is such a π unless
 * 1. enqueue a ≺ enqueue b and dequeue b ≺ dequeue a: a longer cycle of the two interval orders has one of these as a
 *    shortcut, by the same property;
 * 2. the queue cannot be empty at o: values with (end of enqueue, call of dequeue) cover o from its call to beyond its
 *    end. What must come before o is all that is enqueued before a threshold, at first its call; each of these raises the
 *    threshold to the call of its dequeue. Thresholds are nested, so all cuts fit one π.
 * Open enqueues of values never seen are left out. Open dequeues take the values that would break 1, each the first that
 * can; where there are empties too, it does not apply.
 */
import { identityOf } from '../../value-text.ts';
import type { Partition } from '../model-problem.ts';
import { timesOf } from '../model-shortcut.ts';
import type { Shortcut, Times } from '../model-shortcut.ts';
import { mergeQueueOrder, sortQueueValues } from './queue-witness.ts';

/** A value's life. An empty dequeue is one with both operations the same. */
export interface QueueValue {
  readonly enqueue: number;
  /** -1 when it never was. */
  dequeue: number;
  readonly enqueueCall: number;
  readonly enqueueEnd: number;
  dequeueCall: number;
  dequeueEnd: number;
}

/** An empty dequeue, and the threshold below which all enqueues come before it. */
export interface EmptyDequeue {
  readonly number: number;
  readonly call: number;
  readonly end: number;
  threshold: number;
}

interface QueueHistory {
  readonly values: QueueValue[];
  readonly empties: EmptyDequeue[];
  readonly openDequeues: number[];
}

/** Null where it does not apply. */
export function orderQueue(partition: Partition): Shortcut | null {
  const times = timesOf(partition);
  const history = readQueue(partition, times);
  if (history === null || 'outcome' in history) return history;
  const { values, empties, openDequeues } = history;
  const isLeft = values.some(({ dequeue }) => dequeue === -1);
  if (openDequeues.length > 0 && isLeft) {
    if (empties.length > 0) return null;
    const missing = assignOpenDequeues(values, openDequeues, times);
    if (missing !== null) return missing;
  }
  const overtaken = findOvertaken(values, openDequeues) ?? cutAtEmpties(values, empties);
  if (overtaken !== null) return overtaken;
  const sorted = sortQueueValues(values, empties);
  return mergeQueueOrder(sorted, times);
}

function illegal(reason: string, blocked: number, core?: readonly number[]): Shortcut {
  const found = { outcome: 'illegal' as const, reason, blocked };
  return core === undefined ? found : { ...found, core };
}

/** The values in the order of their enqueues; what is illegal at sight; or null. */
function readQueue(partition: Partition, times: Times): QueueHistory | Shortcut | null {
  const { operations } = partition;
  const known = new Set<string>();
  for (const { f, input } of operations) {
    if (f === 'dequeue') continue;
    const value = identityOf(input);
    if (f !== 'enqueue' || known.has(value)) return null;
    known.add(value);
  }
  const dequeueOf = new Map<string, number>();
  const openDequeues: number[] = [];
  const empties: EmptyDequeue[] = [];
  for (const [number, { f, output }] of operations.entries()) {
    if (f === 'enqueue') continue;
    const call = times.call[number] as number;
    const end = times.end[number] as number;
    if (output === undefined) openDequeues.push(number);
    else if (output === null) {
      if (end !== Infinity) empties.push({ number, call, end, threshold: call });
    } else {
      const value = identityOf(output);
      if (dequeueOf.has(value)) return illegal('the value was dequeued before', number);
      dequeueOf.set(value, number);
    }
  }
  const values: QueueValue[] = [];
  for (const [number, { f, input }] of operations.entries()) {
    if (f !== 'enqueue') continue;
    const dequeue = dequeueOf.get(identityOf(input));
    if (dequeue === undefined && times.end[number] === Infinity) continue;
    const life = lifeOf(number, dequeue, times);
    if (life.dequeueEnd < life.enqueueCall) {
      return illegal('the value was enqueued only later', life.dequeue, [number, life.dequeue]);
    }
    values.push(life);
  }
  for (const [value, number] of dequeueOf) {
    if (!known.has(value)) return illegal('the value was never enqueued', number, [number]);
  }
  return { values, empties, openDequeues };
}

function lifeOf(enqueue: number, dequeue: number | undefined, { call, end }: Times): QueueValue {
  const enqueueCall = call[enqueue] as number;
  const dequeueEnd = dequeue === undefined ? Infinity : (end[dequeue] as number);
  return {
    enqueue,
    dequeue: dequeue ?? -1,
    enqueueCall,
    enqueueEnd: Math.min(end[enqueue] as number, dequeueEnd),
    dequeueCall: dequeue === undefined ? Infinity : Math.max(call[dequeue] as number, enqueueCall),
    dequeueEnd,
  };
}

/** Gives open dequeues to the values that others, enqueued later, have overtaken; the most urgent the first one called. */
function assignOpenDequeues(
  values: readonly QueueValue[],
  openDequeues: readonly number[],
  { call }: Times,
): Shortcut | null {
  const urgent: { value: QueueValue; before: number; by: number }[] = [];
  let soonest = Infinity;
  let by = -1;
  let next = values.length - 1;
  const byEnd = values.filter(({ dequeue }) => dequeue === -1);
  byEnd.sort((a, b) => b.enqueueEnd - a.enqueueEnd);
  for (const value of byEnd) {
    for (; next >= 0 && (values[next] as QueueValue).enqueueCall > value.enqueueEnd; next--) {
      const later = values[next] as QueueValue;
      if (later.dequeueEnd < soonest) {
        soonest = later.dequeueEnd;
        by = later.dequeue;
      }
    }
    if (soonest !== Infinity) urgent.push({ value, before: soonest, by });
  }
  urgent.sort((a, b) => a.before - b.before);
  for (const [i, { value, before, by: overtaker }] of urgent.entries()) {
    const taker = openDequeues[i];
    if (taker === undefined || (call[taker] as number) > before) {
      return illegal('a value enqueued before was never dequeued', overtaker);
    }
    value.dequeue = taker;
    value.dequeueCall = Math.max(call[taker] as number, value.enqueueCall);
  }
  return null;
}

/**
 * Two values that leave in the other order than they came. What is done with other values can be left out of a legal
 * history of a queue, so their operations are enough to show it.
 */
function findOvertaken(
  values: readonly QueueValue[],
  openDequeues: readonly number[],
): Shortcut | null {
  const byEnd = [...values].sort((a, b) => a.enqueueEnd - b.enqueueEnd);
  let next = 0;
  let latest: QueueValue | null = null;
  for (const value of values) {
    for (; next < byEnd.length; next++) {
      const earlier = byEnd[next] as QueueValue;
      if (earlier.enqueueEnd >= value.enqueueCall) break;
      if (latest === null || earlier.dequeueCall > latest.dequeueCall) latest = earlier;
    }
    if (latest !== null && value.dequeueEnd < latest.dequeueCall) {
      const { enqueue, dequeue } = latest;
      const core = [enqueue, dequeue, value.enqueue, value.dequeue, ...openDequeues];
      const reason = 'a value enqueued before was not dequeued by then';
      const distinct = [...new Set(core)].filter((number) => number !== -1);
      return { outcome: 'illegal', reason, blocked: value.dequeue, core: distinct };
    }
  }
  return null;
}

/** Sets the thresholds of the empty dequeues. */
function cutAtEmpties(values: readonly QueueValue[], empties: EmptyDequeue[]): Shortcut | null {
  const spans = values
    .filter(({ enqueueEnd, dequeueCall }) => enqueueEnd < dequeueCall)
    .sort((a, b) => a.enqueueEnd - b.enqueueEnd);
  empties.sort((a, b) => a.call - b.call);
  let next = 0;
  let covered = -1;
  for (const empty of empties) {
    covered = Math.max(covered, empty.call);
    for (; next < spans.length && (spans[next] as QueueValue).enqueueEnd < covered; next++) {
      covered = Math.max(covered, (spans[next] as QueueValue).dequeueCall);
    }
    empty.threshold = covered;
    if (covered > empty.end)
      return illegal('the queue was not empty at any moment of it', empty.number);
  }
  return null;
}
