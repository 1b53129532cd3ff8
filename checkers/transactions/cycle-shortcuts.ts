/** Long ways through a cycle that the order of time tells at once. */
import { NEVER, OK, UNRECORDED, type TransactionColumns } from './columns.ts';
import { PROCESS, REALTIME, RW, WR } from './graph.ts';

/** A transaction of a cycle, and the label of the edge to the next. */
export interface Step {
  readonly transaction: number;
  readonly label: number;
}

/** Longer stretches are left as they are. */
const LONGEST_STRETCH = 8_000;

/**
 * The same kind of cycle with fewer transactions, where it has edges of time: each rw edge stays (without any the first
 * wr edge, or else the first of data), and between them edges are replaced by one of time where the transactions are in
 * that order.
 */
export function shortened(columns: TransactionColumns, steps: readonly Step[]): readonly Step[] {
  const time = steps.find(({ label }) => label === PROCESS || label === REALTIME)?.label;
  if (time === undefined) return steps;
  const isFixed = fixedLabels(steps);
  const begin = steps.findIndex(({ label }) => isFixed(label));
  const rotated = [...steps.slice(begin), ...steps.slice(0, begin)];
  const result: Step[] = [];
  const first = rotated[0] as Step;
  let hasAnchor = false;
  for (let i = 0; i < rotated.length;) {
    const step = rotated[i] as Step;
    if (isFixed(step.label) && (step.label === RW || !hasAnchor)) {
      hasAnchor = true;
      result.push(step);
      i++;
      continue;
    }
    let end = i;
    while (end < rotated.length && rotated[end]?.label !== RW) end++;
    const goal = (rotated[end] ?? first).transaction;
    result.push(...shortestStretch(columns, rotated.slice(i, end), goal, time));
    i = end;
  }
  return result;
}

/** What must stay for the cycle to stay of its kind. */
function fixedLabels(steps: readonly Step[]): (label: number) => boolean {
  const has = (wanted: number): boolean => steps.some(({ label }) => label === wanted);
  if (has(RW)) return (label) => label === RW;
  if (has(WR)) return (label) => label === WR;
  return (label) => label !== PROCESS && label !== REALTIME;
}

/** The fewest of these steps, in their order, and edges of time that lead to `goal`. */
function shortestStretch(
  columns: TransactionColumns,
  steps: readonly Step[],
  goal: number,
  time: number,
): readonly Step[] {
  const size = steps.length;
  if (size > LONGEST_STRETCH) return steps;
  const at = (i: number): number => steps[i]?.transaction ?? goal;
  const left = new Int32Array(size + 1);
  const next = new Int32Array(size + 1);
  for (let i = size - 1; i >= 0; i--) {
    next[i] = i + 1;
    for (let j = size; j > i + 1; j--) {
      if ((left[j] as number) >= (left[next[i] as number] as number)) continue;
      if (isBefore(columns, at(i), at(j), time)) next[i] = j;
    }
    left[i] = 1 + (left[next[i] as number] as number);
  }
  const result: Step[] = [];
  for (let i = 0; i < size; i = next[i] as number) {
    const label = next[i] === i + 1 ? (steps[i] as Step).label : time;
    result.push({ transaction: at(i), label });
  }
  return result;
}

function isBefore(
  { type, process, invoke, completion }: TransactionColumns,
  a: number,
  b: number,
  time: number,
): boolean {
  if (type[a] !== OK || completion[a] === NEVER || invoke[b] === UNRECORDED) return false;
  if (time === PROCESS && process[a] !== process[b]) return false;
  return (completion[a] as number) < (invoke[b] as number);
}
