/**
 * Decides one partition: what runs alone is stepped through, then both engines take turns with growing allowances. Depth
 * first is fast on legal histories and blind to where an illegal one breaks; breadth first is the reverse.
 */
import type { CheckBudget } from '../../harness/checker.ts';
import { Allowance } from '../check-allowance.ts';
import { searchBreadthFirst } from './model-breadth-first.ts';
import { searchDepthFirst } from './model-depth-first.ts';
import type { ModelSearchResult } from './model-depth-first.ts';
import { compileModel } from './model-problem.ts';
import type { Partition, SpecialModel } from './model-problem.ts';

/** Steps of the first turns; each later turn has so many times more. */
const FIRST_TURN_STEPS = 200_000;
const TURN_GROWTH = 8;

export type Decision = ModelSearchResult & {
  readonly steps: number;
  readonly by: 'alone' | 'depth-first' | 'breadth-first' | 'shortcut';
  /** Why it is illegal, where that was found without search. */
  readonly reason?: string;
  /** Operations that are illegal by themselves, as a shortcut found. */
  readonly core?: readonly number[];
};

/** Of fewer operations a search tells more, as soon. */
const SHORTCUT_OPERATIONS = 40;
/** Enough for most partitions of most histories. */
const FIRST_LOOK_STEPS = 1_000;
const FIRST_LOOK_STEPS_PER_OPERATION = 20;
const NO_BUDGET: CheckBudget = { timeMs: Infinity };

/** One engine, for a moment. Null when that does not decide. */
export function decideQuickly<State>(
  model: SpecialModel<State>,
  partition: Partition,
): Decision | null {
  const known = decideWithoutSearch(model, partition);
  if (known !== null) return known;
  const alone = decideAlone(model, partition);
  if (alone.decision !== null) return alone.decision;
  const { rest, done, state } = alone;
  const most = FIRST_LOOK_STEPS + FIRST_LOOK_STEPS_PER_OPERATION * rest.operations.length;
  const allowance = new Allowance(NO_BUDGET, 1, most);
  const deep = searchDepthFirst(compileModel(model, rest, state), allowance);
  if (deep.outcome === 'exhausted') return null;
  return shiftDecision({ ...deep, steps: allowance.steps, by: 'depth-first' }, done);
}

/**
 * @param share of the budget's time at which to stop.
 * @throws what the model throws.
 */
export function decidePartition<State>(
  model: SpecialModel<State>,
  partition: Partition,
  budget: CheckBudget,
  share = 1,
): Decision {
  const known = decideWithoutSearch(model, partition);
  if (known !== null) return known;
  const alone = decideAlone(model, partition);
  if (alone.decision !== null) return alone.decision;
  const { rest, done, state } = alone;
  return shiftDecision(searchInTurns(model, rest, state, budget, share), done);
}

function decideWithoutSearch<State>(
  model: SpecialModel<State>,
  partition: Partition,
): Decision | null {
  const steps = partition.operations.length;
  if (steps < SHORTCUT_OPERATIONS) return null;
  const found = model.shortcut?.(partition) ?? null;
  if (found === null) return null;
  if (found.outcome === 'legal') return { ...found, steps, by: 'shortcut' };
  return { ...found, order: [], steps, by: 'shortcut' };
}

/** Decides as far as operations run alone: all of it, or there remains a `rest` that begins in `state`. */
function decideAlone<State>(
  model: SpecialModel<State>,
  partition: Partition,
):
  | { readonly decision: Decision }
  | {
      readonly decision: null;
      readonly rest: Partition;
      readonly done: number;
      readonly state: State;
    } {
  const { state, done, illegal } = stepAlone(model, partition);
  if (illegal !== null) {
    const order = numbersUpTo(illegal);
    return { decision: { outcome: 'illegal', order, blocked: illegal, steps: done, by: 'alone' } };
  }
  if (done === partition.operations.length) {
    return { decision: { outcome: 'legal', order: numbersUpTo(done), steps: done, by: 'alone' } };
  }
  const rest = done === 0 ? partition : withoutFirst(partition, done);
  return { decision: null, rest, done, state };
}

function searchInTurns<State>(
  model: SpecialModel<State>,
  partition: Partition,
  state: State,
  budget: CheckBudget,
  share: number,
): Decision {
  const problem = compileModel(model, partition, state);
  let spent = 0;
  for (let turn = FIRST_TURN_STEPS; ; turn *= TURN_GROWTH) {
    const first = new Allowance(budget, share, turn);
    const deep = searchDepthFirst(problem, first);
    spent += first.steps;
    if (deep.outcome !== 'exhausted') return { ...deep, steps: spent, by: 'depth-first' };
    const second = new Allowance(budget, share, turn);
    const wide = searchBreadthFirst(problem, second);
    spent += second.steps;
    if (wide.outcome !== 'exhausted') return { ...wide, steps: spent, by: 'breadth-first' };
    const whole = new Allowance(budget, share);
    if (second.steps < turn || spent >= whole.mostSteps || whole.exhausted()) {
      return { ...deep, steps: spent, by: 'depth-first' };
    }
  }
}

interface Alone<State> {
  readonly state: State;
  /** Operations that ran alone, from the beginning. */
  readonly done: number;
  /** The operation that does not fit, run alone. */
  readonly illegal: number | null;
}

/** Steps through the operations at the beginning that overlap with no other: nothing is to be chosen there. */
function stepAlone<State>(model: SpecialModel<State>, partition: Partition): Alone<State> {
  const { events, operations } = partition;
  let state = model.init();
  let done = 0;
  for (let i = 0; i + 1 < events.length; i += 2) {
    if (events[i] !== done || events[i + 1] !== ~done) break;
    const operation = operations[done];
    if (operation === undefined) break;
    const after = model.step(state, operation);
    if (after === undefined) return { state, done, illegal: done };
    state = after;
    done++;
  }
  return { state, done, illegal: null };
}

function withoutFirst(partition: Partition, done: number): Partition {
  const events = partition.events.slice(done * 2);
  for (let i = 0; i < events.length; i++) {
    const event = events[i] as number;
    events[i] = event < 0 ? event + done : event - done;
  }
  return { key: partition.key, operations: partition.operations.slice(done), events };
}

function shiftDecision(decision: Decision, done: number): Decision {
  if (done === 0) return decision;
  const order = numbersUpTo(done);
  for (const number of decision.order) order.push(number + done);
  if (decision.outcome === 'legal') return { ...decision, order };
  return { ...decision, order, blocked: decision.blocked + done };
}

function numbersUpTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
