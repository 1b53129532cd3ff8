/** The operations of one partition of a history that say or do something. */
import type { Operation, Value } from '../../harness/operation.ts';
import type { JudgingOptions } from '../judging/history-judge.ts';
import { identityOf } from '../value-text.ts';
import { recordedOperations } from './recorded-operations.ts';
import type { RecordedOperation } from './recorded-operations.ts';
import type { SequentialType, Step } from './sequential-type.ts';

/** A recorded operation and its meaning. */
export interface Action extends RecordedOperation {
  readonly step: Step;
}

type Partitions = ReadonlyMap<string, ReadonlyMap<number, Action>>;

const NONE: ReadonlyMap<number, Action> = new Map();
const known = new WeakMap<
  readonly Operation[],
  { options: JudgingOptions; type: object; by: Partitions }
>();

/**
 * By the index of their invocation, in order of invocation: what happened or may have. Left out are what failed (unless
 * failed compares are told to have been evaluated) and what says nothing at all.
 */
export function actionsOf(
  history: readonly Operation[],
  type: SequentialType,
  options: JudgingOptions,
  partition: Value,
): ReadonlyMap<number, Action> {
  let entry = known.get(history);
  if (entry?.options !== options || entry.type !== type) {
    entry = { options, type, by: split(history, type, options) };
    known.set(history, entry);
  }
  return entry.by.get(identityOf(type.partition === undefined ? null : partition)) ?? NONE;
}

function split(
  history: readonly Operation[],
  type: SequentialType,
  options: JudgingOptions,
): Partitions {
  const by = new Map<string, Map<number, Action>>();
  for (const [index, operation] of recordedOperations(history)) {
    const { f, input, output, failed } = operation;
    const refused = failed && f === 'cas' && options.failedCas === 'compared';
    if (failed && !refused) continue;
    const step: Step = { f, input, output: refused ? undefined : output, refused };
    if (type.empty?.(step, options) === true) continue;
    const name = identityOf(type.partition === undefined ? null : type.partition(step));
    let actions = by.get(name);
    if (actions === undefined) by.set(name, (actions = new Map<number, Action>()));
    actions.set(index, { ...operation, step });
  }
  return by;
}
