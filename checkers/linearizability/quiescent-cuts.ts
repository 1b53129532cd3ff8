/**
 * Cuts a history where nothing is pending and nothing of unknown outcome can matter any more: only the state goes from one
 * window to the next. Each window is judged by itself, from every state it may begin with, for every state it may end
 * with; a value that is written again in another window counts as written once.
 */
import { Allowance } from '../check-allowance.ts';
import { CAS, NEVER, problemOf, READ, REFUSED } from './register-problem.ts';
import type { RegisterProblem, RegisterStep } from './register-problem.ts';
import { observesOnly } from './search-frame.ts';
import { judgeUncut } from './search-in-turns.ts';
import type { RegisterEngines } from './search-in-turns.ts';

/** Operations are those of the problem. */
export type CutsResult =
  | { readonly outcome: 'legal'; readonly order: readonly number[] }
  | { readonly outcome: 'illegal' }
  | { readonly outcome: 'undecided' }
  /** There is nowhere to cut. */
  | { readonly outcome: 'inapplicable' };

/** A window that takes longer is no easier than the whole. */
const MOST_STEPS_A_WINDOW = 100_000;

/** A state that a window may end with, and one that it may have begun with then. */
type Ends = ReadonlyMap<number, number>;

/** Operations from one up to another, in order of call. */
interface Window {
  readonly from: number;
  readonly upTo: number;
}

/** @param engines must not be in use for anything else. */
export function judgeByCuts(
  problem: RegisterProblem,
  allowance: Allowance,
  engines: RegisterEngines,
): CutsResult {
  const windows = windowsOf(problem);
  if (windows.length < 2) return { outcome: 'inapplicable' };
  const reached: Ends[] = [];
  let states: Ends = new Map([[problem.initial, problem.initial]]);
  for (const window of windows) {
    const ends = endsOf(problem, window, [...states.keys()], allowance, engines);
    if (ends === null) return { outcome: 'undecided' };
    if (ends.size === 0) return { outcome: 'illegal' };
    reached.push(ends);
    states = ends;
  }
  let state = states.keys().next().value as number;
  const orders: (readonly number[])[] = [];
  for (let at = windows.length - 1; at >= 0; at--) {
    const window = windows[at] as Window;
    const begins = reached[at]?.get(state) as number;
    const found = judgeWindow(problem, window, begins, state, allowance, engines);
    if (found === null || found === 'illegal') return { outcome: 'undecided' };
    orders.push(found);
    state = begins;
  }
  return { outcome: 'legal', order: orders.reverse().flat() };
}

/** Where the history may be cut: the windows cover it. */
export function windowsOf(problem: RegisterProblem): Window[] {
  const { count, eventCount, events, end } = problem;
  const matters = mattersUntil(problem);
  const windows: Window[] = [];
  let from = 0;
  let called = 0;
  let pending = 0;
  let latest = -1;
  for (let position = 0; position < eventCount; position++) {
    const event = events[position] as number;
    if (event < 0) pending--;
    else {
      called++;
      if (end[event] === NEVER) latest = Math.max(latest, matters(event));
      else pending++;
    }
    if (pending > 0 || latest > position || called === from || called === count) continue;
    windows.push({ from, upTo: called });
    from = called;
  }
  if (from < count) windows.push({ from, upTo: count });
  return windows;
}

/** The last position at which something may tell whether an open operation happened. */
function mattersUntil(problem: RegisterProblem): (operation: number) => number {
  const { count, kind, value, to, end, valueCount } = problem;
  const lastLook = new Int32Array(valueCount).fill(-1);
  let lastRefusal = -1;
  for (let operation = 0; operation < count; operation++) {
    const ends = end[operation] as number;
    if (kind[operation] === REFUSED) lastRefusal = Math.max(lastRefusal, ends);
    if (kind[operation] !== READ && kind[operation] !== CAS) continue;
    const seen = value[operation] as number;
    lastLook[seen] = Math.max(lastLook[seen] as number, ends);
  }
  return (operation) => Math.max(lastRefusal, lastLook[to[operation] as number] as number);
}

/** Null when the allowance ended first. */
function endsOf(
  problem: RegisterProblem,
  window: Window,
  states: readonly number[],
  allowance: Allowance,
  engines: RegisterEngines,
): Ends | null {
  const ends = new Map<number, number>();
  for (const state of states) {
    for (const last of lastStates(problem, window, state)) {
      if (ends.has(last)) continue;
      const found = judgeWindow(problem, window, state, last, allowance, engines);
      if (found === null) return null;
      if (found !== 'illegal') ends.set(last, state);
    }
  }
  return ends;
}

/** What the state may be at the end: of closed changes, only one that had not ended before another began. */
function lastStates(problem: RegisterProblem, { from, upTo }: Window, state: number): Set<number> {
  const { kind, to, call, end } = problem;
  let lastCall = -1;
  for (let operation = from; operation < upTo; operation++) {
    if (observesOnly(kind[operation]) || end[operation] === NEVER) continue;
    lastCall = call[operation] as number;
  }
  const found = new Set<number>();
  if (lastCall < 0) found.add(state);
  for (let operation = from; operation < upTo; operation++) {
    if (observesOnly(kind[operation]) || (end[operation] as number) < lastCall) continue;
    found.add(to[operation] as number);
  }
  return found;
}

/** An order from one state to another; null when the allowance ended first. */
function judgeWindow(
  problem: RegisterProblem,
  { from, upTo }: Window,
  first: number,
  last: number,
  allowance: Allowance,
  engines: RegisterEngines,
): readonly number[] | 'illegal' | null {
  const { kind, value, to, call, end, eventCount } = problem;
  const names = new Map<number, number>();
  const named = (state: number): number => {
    let name = names.get(state);
    if (name === undefined) names.set(state, (name = names.size));
    return name;
  };
  const initial = named(first);
  const steps: RegisterStep[] = [];
  for (let operation = from; operation < upTo; operation++) {
    steps.push({
      kind: kind[operation] as number,
      value: named(value[operation] as number),
      to: named(to[operation] as number),
      call: call[operation] as number,
      end: end[operation] as number,
    });
  }
  // A read behind everything tells the last state.
  const seen = named(last);
  steps.push({ kind: READ, value: seen, to: seen, call: eventCount, end: eventCount + 1 });
  if (!allowance.take(steps.length)) return null;
  const own = new Allowance({ timeMs: Infinity }, 1, MOST_STEPS_A_WINDOW);
  const found = judgeUncut(problemOf(steps, initial), own, engines);
  if (!allowance.take(own.steps)) return null;
  if (found.outcome === 'undecided') return null;
  if (found.outcome === 'illegal') return 'illegal';
  const order: number[] = [];
  for (const operation of found.order) {
    if (from + operation < upTo) order.push(from + operation);
  }
  return order;
}
