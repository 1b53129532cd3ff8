/**
 * Makes an illegal history small by steps that cannot make a legal one illegal: cut to a prefix; a read left out; an
 * operation made optional and its end widened to for ever (which includes leaving out its constraint, never itself).
 */
import type { CheckBudget } from '../../harness/checker.ts';
import type { SmallIllegalHistory } from '../certificate.ts';
import { Allowance } from '../check-allowance.ts';
import { searchDepthFirst } from './model-depth-first.ts';
import { ModelMachine } from './model-problem.ts';
import type { Partition } from './model-problem.ts';
import type { ConcurrentOperation, Model } from './model.ts';

/** A history of more operations is no proof that a reader can check. */
const MOST_OPERATIONS = 12;
/** More operations than that are not tried to be made few. */
const MOST_TRIED = 400;
const STEPS_PER_TRIAL = 20_000;

interface Kept {
  readonly operation: ConcurrentOperation;
  readonly call: number;
  /** Place in the events, null when it never ends. */
  end: number | null;
  left: boolean;
}

/**
 * @param cut number of events of an illegal prefix.
 * @returns null when more operations remain than can be tried all.
 */
export function minimiseHistory<State>(
  model: Model<State>,
  partition: Partition,
  cut: number,
  budget: CheckBudget,
): SmallIllegalHistory | null {
  const kept = prefixOf(partition, cut);
  const hard = kept.filter(({ operation }) => model.isRead?.(operation) !== true);
  if (kept.length > MOST_TRIED || hard.length > MOST_OPERATIONS) return null;
  if (!isIllegal(model, kept, budget)) return null;
  for (const one of [...kept].reverse()) {
    if (model.isRead?.(one.operation) === true) {
      one.left = true;
      if (!isIllegal(model, kept, budget)) one.left = false;
    }
  }
  for (const one of [...kept].reverse()) {
    const { end } = one;
    if (end === null || one.left) continue;
    one.end = null;
    if (!isIllegal(model, kept, budget)) one.end = end;
  }
  const rest = kept.filter(({ left }) => !left);
  if (rest.length > MOST_OPERATIONS) return null;
  return {
    kind: 'small-illegal-history',
    partition: partition.key,
    operations: rest.map(({ operation, end }) => ({
      operation: operation.index,
      call: operation.call,
      end: end === null ? null : operation.end,
      optional: end === null,
    })),
  };
}

/** Operations called within the first `cut` events; those that end later are open. */
function prefixOf({ operations, events }: Partition, cut: number): Kept[] {
  const kept: Kept[] = [];
  for (let i = 0; i < cut; i++) {
    const event = events[i] as number;
    if (event >= 0) {
      const operation = operations[event];
      if (operation !== undefined) kept.push({ operation, call: i, end: null, left: false });
    } else {
      const one = kept[~event];
      if (one !== undefined) one.end = i;
    }
  }
  return kept;
}

function isIllegal<State>(
  model: Model<State>,
  kept: readonly Kept[],
  budget: CheckBudget,
): boolean {
  const rest = kept.filter(({ left }) => !left);
  const places: { at: number; event: number }[] = [];
  rest.forEach(({ call, end }, number) => {
    places.push({ at: call, event: number });
    if (end !== null) places.push({ at: end, event: ~number });
  });
  places.sort((a, b) => a.at - b.at);
  const operations = rest.map(({ operation }) => operation);
  const machine = new ModelMachine(model, operations, model.init());
  const problem = { size: rest.length, events: places.map(({ event }) => event), machine };
  const allowance = new Allowance(budget, 1, STEPS_PER_TRIAL);
  return searchDepthFirst(problem, allowance).outcome === 'illegal';
}
