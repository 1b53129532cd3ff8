/** Edges of time: the order of a process's own transactions, and the order of real time. */
import { FAIL, INFO, OK, UNRECORDED, type TransactionColumns } from './columns.ts';
import { PROCESS, REALTIME, type EdgeBuffer } from './graph.ts';

/** From each committed transaction to the next of its process, also where that one need not have happened. */
export function addProcessEdges(columns: TransactionColumns, edges: EdgeBuffer): void {
  const { type, process, invoke, events } = columns;
  const latest = new Map<number, number>();
  for (const event of events) {
    const t = event >> 1;
    if (type[t] === FAIL) continue;
    // A process does one thing after the other, also where the history does not show its invocations.
    if ((event & 1) === 0 || invoke[t] === UNRECORDED) {
      const before = latest.get(process[t] as number);
      if (before !== undefined) edges.add(before, t, PROCESS);
    }
    if ((event & 1) === 1 && type[t] === OK) latest.set(process[t] as number, t);
  }
}

/**
 * The order of real time over moments: committed transactions lead to the moment after their completion, moments to the
 * next, a moment to the transactions invoked after it. So the edges are fewer than three a transaction.
 * @param firstMoment the vertex of the first moment. @returns how many moments there are.
 */
export function addMoments(
  columns: TransactionColumns,
  edges: EdgeBuffer,
  firstMoment: number,
): number {
  let moments = 0;
  let isUsed = true;
  for (const event of columns.events) {
    const t = event >> 1;
    const type = columns.type[t];
    const current = firstMoment + moments - 1;
    if ((event & 1) === 0) {
      if (moments === 0 || type === FAIL) continue;
      edges.add(current, t, REALTIME);
      isUsed = true;
    } else if (type === OK) {
      if (!isUsed) {
        edges.add(t, current, REALTIME);
        continue;
      }
      if (moments > 0) edges.add(current, current + 1, REALTIME);
      edges.add(t, current + 1, REALTIME);
      moments++;
      isUsed = false;
    }
  }
  return moments;
}

/**
 * The order of real time among the members of each group, without what follows by transitivity: a transaction is led
 * from as long as no later one has completed that came after it.
 * @param groupOf of each transaction; -1: of none.
 */
export function addRealtimeEdges(
  columns: TransactionColumns,
  groupOf: (transaction: number) => number,
  add: (from: number, to: number) => void,
): void {
  const { type, invoke, completion, events } = columns;
  const frontiers = new Map<number, number[]>();
  for (const event of events) {
    const t = event >> 1;
    const group = type[t] === FAIL ? -1 : groupOf(t);
    if (group < 0) continue;
    const frontier = frontiers.get(group) ?? [];
    if ((event & 1) === 0) {
      for (const before of frontier) add(before, t);
    } else if (type[t] !== INFO) {
      const called = invoke[t] as number;
      const left = frontier.filter((before) => (completion[before] as number) > called);
      left.push(t);
      frontiers.set(group, left);
    }
  }
}

/** Whether some transaction was invoked after another had committed. */
export function hasRealtimeOrder({ type, events }: TransactionColumns): boolean {
  let isCommitted = false;
  for (const event of events) {
    if ((event & 1) === 0) {
      if (isCommitted) return true;
    } else if (type[event >> 1] === OK) isCommitted = true;
  }
  return false;
}
