/**
 * Linearizability of any sequential type (Herlihy and Wing, "Linearizability: a correctness condition for concurrent
 * objects", 1990), given as a {@link Model}.
 *
 * - `checkModelEvents(model, events, options)` judges a history's events in their order; what a benchmark should time
 *   (with `evidence: false`): partition, numbering and search are all in it.
 * - `checkLinearizable(model, operations, options)` judges operations with the times of their calls and ends.
 */
import type { CheckBudget, Validity } from '../../harness/checker.ts';
import type { OperationType, Value } from '../../harness/operation.ts';
import type { LinearizationOrder } from '../certificate.ts';
import type { ConcurrentOperation, Model } from './model.ts';
import { decidePartition, decideQuickly } from './model-decide.ts';
import type { Decision } from './model-decide.ts';
import { explainViolation, replay } from './model-evidence.ts';
import type { ModelViolation } from './model-evidence.ts';
import { CollectedOperation, PartitionCollector } from './model-partitions.ts';
import type { Partition } from './model-problem.ts';

export interface ModelCheckOptions {
  /** Default: 60 s, counted in steps. */
  readonly budget?: CheckBudget;
  /** Orders and small histories that show the verdict. Without, it ends at the first illegal partition. Default: true. */
  readonly evidence?: boolean;
  /**
   * A second engine confirms what is illegal: always, never, or where it costs little. Default: 'cheap'. Only with
   * evidence.
   */
  readonly verify?: boolean | 'cheap';
}

export interface ModelVerdict {
  readonly valid: Validity;
  readonly operations: number;
  readonly partitions: number;
  readonly steps: number;
  /** Of the legal partitions, one each. */
  readonly orders: readonly LinearizationOrder[];
  /** Of the illegal partitions. */
  readonly violations: readonly ModelViolation[];
  /** Partitions that were not decided within the budget. */
  readonly undecided: readonly Undecided[];
}

export interface Undecided {
  readonly partition: Value;
  /** Operations in the longest legal order found, and of how many. */
  readonly ordered: number;
  readonly operations: number;
  /** Two engines said different things: a bug of ours. Default: false. */
  readonly disagreement?: boolean;
}

/** A line of a history. Of an operation, `f` and the input come from its invocation, the output from its completion. */
export interface ModelEvent {
  readonly process: number;
  readonly type: OperationType;
  readonly f: string;
  readonly value: Value;
}

const STANDARD_BUDGET: CheckBudget = { timeMs: 60_000 };
/** Part of the budget for deciding; the rest is for evidence. */
const SEARCH_SHARE = 0.7;

/**
 * Judges a history of events; operations are named by the places of their invocations among them.
 * @throws Error for a completion without an invocation, and for two invocations of one process.
 */
export function checkModelEvents<State>(
  model: Model<State>,
  events: Iterable<ModelEvent>,
  options: ModelCheckOptions = {},
): ModelVerdict {
  const collector = new PartitionCollector(model);
  const open = new Map<number, CollectedOperation>();
  let index = 0;
  for (const event of events) {
    addEvent(collector, open, event, index);
    index++;
  }
  return judgePartitions(model, collector.partitions, options);
}

/** Judges operations with times; ties of an end and a call count as overlap. */
export function checkLinearizable<State>(
  model: Model<State>,
  operations: readonly ConcurrentOperation[],
  options: ModelCheckOptions = {},
): ModelVerdict {
  const collector = new PartitionCollector(model);
  const byCall = [...operations].sort((a, b) => a.call - b.call);
  const byEnd = byCall.filter(({ end }) => end !== Infinity).sort((a, b) => a.end - b.end);
  const called = new Map<ConcurrentOperation, CollectedOperation>();
  let ended = 0;
  const endBefore = (time: number): void => {
    for (; ended < byEnd.length; ended++) {
      const operation = byEnd[ended];
      if (operation === undefined || operation.end >= time) return;
      const copy = called.get(operation);
      if (copy !== undefined) collector.end(copy, operation.output, operation.end);
    }
  };
  for (const operation of byCall) {
    endBefore(operation.call);
    const { f, input, index, process, call } = operation;
    const copy = new CollectedOperation(f, input, index, process, call);
    // What an operation that never completed is said to have answered tells nothing.
    if (operation.end !== Infinity) copy.output = operation.output;
    called.set(operation, copy);
    collector.call(copy);
  }
  endBefore(Infinity);
  return judgePartitions(model, collector.partitions, options);
}

function addEvent(
  collector: PartitionCollector,
  open: Map<number, CollectedOperation>,
  { process, type, f, value }: ModelEvent,
  index: number,
): void {
  const called = open.get(process);
  if (type === 'invoke') {
    if (called !== undefined) throw unexpected(index, process, type, 'has one outstanding');
    const operation = new CollectedOperation(f, value, index, process, index);
    open.set(process, operation);
    collector.call(operation);
    return;
  }
  if (called === undefined) throw unexpected(index, process, type, 'has nothing outstanding');
  open.delete(process);
  if (type === 'ok') collector.end(called, value, index);
  else if (type === 'fail') collector.drop(called);
}

function unexpected(index: number, process: number, type: string, why: string): Error {
  return new Error(
    `history line ${String(index)}: ${type} of process ${String(process)}, which ${why}; ` +
      'expected an invoke and one completion in turns',
  );
}

/** Judges what was partitioned already. */
export function judgePartitions<State>(
  model: Model<State>,
  partitions: readonly Partition[],
  options: ModelCheckOptions = {},
): ModelVerdict {
  const budget = options.budget ?? STANDARD_BUDGET;
  const wantsEvidence = options.evidence ?? true;
  const decisions: (Decision | null)[] = [];
  let illegal = false;
  // A first look at all: a bad partition ends the judging before a hard one is begun.
  for (const partition of partitions) {
    const decision = decideQuickly(model, partition);
    decisions.push(decision);
    illegal ||= decision?.outcome === 'illegal';
    if (illegal && !wantsEvidence) break;
  }
  for (let i = 0; i < partitions.length && !(illegal && !wantsEvidence); i++) {
    const partition = partitions[i];
    if (partition === undefined || decisions[i] !== null) continue;
    const decision = decidePartition(model, partition, budget, SEARCH_SHARE);
    decisions[i] = decision;
    illegal ||= decision.outcome === 'illegal';
  }
  return compose(model, partitions, decisions, options, budget);
}

function compose<State>(
  model: Model<State>,
  partitions: readonly Partition[],
  decisions: readonly (Decision | null)[],
  options: ModelCheckOptions,
  budget: CheckBudget,
): ModelVerdict {
  const orders: LinearizationOrder[] = [];
  const violations: ModelViolation[] = [];
  const undecided: Undecided[] = [];
  const wantsEvidence = options.evidence ?? true;
  let steps = 0;
  let illegal = false;
  let operations = 0;
  for (const [i, partition] of partitions.entries()) {
    operations += partition.operations.length;
    const decision = decisions[i];
    if (decision === undefined || decision === null) continue;
    steps += decision.steps;
    if (decision.outcome === 'exhausted') undecided.push(undecidedOf(partition, decision));
    else if (decision.outcome === 'legal' && wantsEvidence) {
      orders.push(replay(model, partition, decision));
    } else if (decision.outcome === 'illegal') {
      const violation = wantsEvidence
        ? explainViolation(model, partition, decision, budget, options.verify ?? 'cheap')
        : null;
      if (violation === 'disagreement') {
        undecided.push({ ...undecidedOf(partition, decision), disagreement: true });
        continue;
      }
      illegal = true;
      if (violation !== null) violations.push(violation);
    }
  }
  const valid = illegal ? 'invalid' : undecided.length > 0 ? 'unknown' : 'valid';
  const count = partitions.length;
  return { valid, operations, partitions: count, steps, orders, violations, undecided };
}

function undecidedOf(partition: Partition, { order }: Decision): Undecided {
  const operations = partition.operations.length;
  return { partition: partition.key, ordered: order.length, operations };
}
