/** What shows that a partition is legal or illegal, so that nobody need trust the engines. */
import type { CheckBudget } from '../../harness/checker.ts';
import type { Value } from '../../harness/operation.ts';
import type { LinearizationOrder, SmallIllegalHistory } from '../certificate.ts';
import { Allowance } from '../check-allowance.ts';
import { textOf } from '../value-text.ts';
import { searchBreadthFirst } from './model-breadth-first.ts';
import type { FrontierResult } from './model-breadth-first.ts';
import { searchDepthFirst } from './model-depth-first.ts';
import type { Decision } from './model-decide.ts';
import { compileModel, ModelMachine } from './model-problem.ts';
import type { ModelProblem, Partition } from './model-problem.ts';
import { minimiseHistory } from './model-minimal.ts';
import type { Model, ModelOperation } from './model.ts';

export interface ModelViolation {
  readonly partition: Value;
  readonly explanation: string;
  /** Indexes of the operations of the longest legal order found. */
  readonly longestOrder: readonly number[];
  /** Index of the operation that cannot be placed before its end. */
  readonly blocked: number;
  /** The few operations that show it; null when they could not be made few. */
  readonly smallHistory: SmallIllegalHistory | null;
  /** Operations that are illegal by themselves; empty when none are known but those of `smallHistory`. */
  readonly core: readonly number[];
  /** Another engine came to the same verdict. */
  readonly confirmed: boolean;
}

const CHEAP_STEPS = 200_000;
/** A step of a long history may take long itself: so many steps times operations. */
const CHEAP_WORK = 20_000_000;
/** Orders of more operations were found without search; to replay them takes the square of their length, for lists. */
const MOST_REPLAYED = 10_000;

/** Replays an order by the model's own steps. @throws Error when it is not legal, which is a bug of the engines. */
export function replay<State>(
  model: Model<State>,
  { key, operations }: Partition,
  { order, by }: Decision,
): LinearizationOrder {
  if (by === 'shortcut' && order.length > MOST_REPLAYED) {
    const indexes = order.map((number) => operations[number]?.index ?? -1);
    return { kind: 'linearization-order', partition: key, order: indexes };
  }
  let state = model.init();
  const indexes: number[] = [];
  for (const number of order) {
    const operation = operations[number];
    const after: State | undefined =
      operation === undefined ? undefined : model.step(state, operation);
    if (operation === undefined || after === undefined) {
      throw new Error(
        `bug: the order found for ${textOf(key)} breaks at operation ${String(number)}`,
      );
    }
    state = after;
    indexes.push(operation.index);
  }
  return { kind: 'linearization-order', partition: key, order: indexes };
}

/** @returns 'disagreement' when the second engine finds the partition legal. */
export function explainViolation<State>(
  model: Model<State>,
  partition: Partition,
  decision: Decision,
  budget: CheckBudget,
  verify: boolean | 'cheap',
): ModelViolation | 'disagreement' {
  const { operations, events } = partition;
  const problem = compileModel(model, partition, model.init());
  const allowance = new Allowance(budget, 1, verify === true ? Infinity : cheapSteps(partition));
  const second = verify === false ? null : secondOpinion(problem, decision, allowance);
  if (second?.outcome === 'legal') return 'disagreement';
  const core = decision.core === undefined ? null : pickOperations(partition, decision.core);
  const found = core === null ? null : searchAlone(model, core, budget);
  if (found === 'legal') return 'disagreement';
  const isCoreIllegal = found === 'illegal';
  const confirmed = second?.outcome === 'illegal';
  const best = longer(decision.order, second?.order ?? []);
  const blocked = confirmed ? second.blocked : blockedIn(decision);
  const cut = confirmed ? second.events : events.length;
  return {
    partition: partition.key,
    explanation: explain(
      model,
      partition,
      best,
      blocked,
      confirmed || isCoreIllegal,
      confirmed ? undefined : decision.reason,
    ),
    longestOrder: best.map((number) => operations[number]?.index ?? -1),
    blocked: operations[blocked]?.index ?? -1,
    smallHistory: minimiseHistory(model, partition, cut, budget),
    core: core === null ? [] : core.operations.map(({ index }) => index),
    confirmed: confirmed || isCoreIllegal,
  };
}

/** The partition with these operations alone. */
function pickOperations(
  { key, operations, events }: Partition,
  core: readonly number[],
): Partition {
  const picked = [...core].sort((a, b) => a - b);
  const numbers = new Map(picked.map((number, i) => [number, i]));
  const kept = events.flatMap((event) => {
    const number = numbers.get(event < 0 ? ~event : event);
    return number === undefined ? [] : [event < 0 ? ~number : number];
  });
  return { key, operations: picked.flatMap((number) => operations[number] ?? []), events: kept };
}

function searchAlone<State>(
  model: Model<State>,
  { operations, events }: Partition,
  budget: CheckBudget,
): Decision['outcome'] {
  const machine = new ModelMachine(model, operations, model.init());
  const allowance = new Allowance(budget, 1, CHEAP_STEPS);
  const problem = { size: operations.length, events, machine };
  return searchDepthFirst(problem, allowance).outcome;
}

function cheapSteps({ operations }: Partition): number {
  return Math.min(CHEAP_STEPS, CHEAP_WORK / operations.length);
}

/** Breadth first tells where the shortest illegal prefix ends; what it decided itself is confirmed depth first. */
function secondOpinion(
  problem: ModelProblem,
  decision: Decision,
  allowance: Allowance,
): FrontierResult {
  const wide = searchBreadthFirst(problem, allowance);
  if (decision.by !== 'breadth-first' || wide.outcome !== 'illegal') return wide;
  return { ...searchDepthFirst(problem, allowance), events: wide.events };
}

function blockedIn(decision: Decision): number {
  return decision.outcome === 'legal' ? -1 : decision.blocked;
}

function longer(a: readonly number[], b: readonly number[]): readonly number[] {
  return b.length > a.length ? b : a;
}

function explain<State>(
  model: Model<State>,
  { operations }: Partition,
  order: readonly number[],
  blocked: number,
  confirmed: boolean,
  reason: string | undefined,
): string {
  const operation = operations[blocked];
  const what =
    operation === undefined
      ? 'an operation'
      : `#${String(operation.index)} ${describe(model, operation)}`;
  const state = stateAfter(model, operations, order);
  const second = confirmed ? ' Confirmed by a second engine.' : '';
  if (reason !== undefined) return `${what}: ${reason}.${second}`;
  return (
    `no order of the operations lets ${what} come before its end; the longest legal order has ` +
    `${String(order.length)} of ${String(operations.length)} operations and ends in ${state}.${second}`
  );
}

function stateAfter<State>(
  model: Model<State>,
  operations: readonly ModelOperation[],
  order: readonly number[],
): string {
  let state = model.init();
  for (const number of order) {
    const operation = operations[number];
    const after = operation === undefined ? undefined : model.step(state, operation);
    if (after === undefined) break;
    state = after;
  }
  const text = model.describeState?.(state) ?? JSON.stringify(state);
  return text.length > LONGEST_STATE ? `${text.slice(0, LONGEST_STATE)}…` : text;
}

const LONGEST_STATE = 120;

/** `f input → output`, or in the model's own words. */
export function describe<State>(model: Model<State>, operation: ModelOperation): string {
  if (model.describe !== undefined) return model.describe(operation);
  const { f, input, output } = operation;
  const answer = output === undefined ? 'no answer' : textOf(output);
  return `${f} ${input === null ? '' : `${textOf(input)} `}→ ${answer}`;
}
