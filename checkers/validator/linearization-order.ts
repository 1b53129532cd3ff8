/** Is this order one that the type accepts and real time allows? Linear in its length. */
import type { Operation } from '../../harness/operation.ts';
import type { LinearizationOrder } from '../certificate.ts';
import type { JudgingOptions } from '../judging/history-judge.ts';
import { textOf } from '../value-text.ts';
import { actionsOf } from './partition.ts';
import { recordedOperations } from './recorded-operations.ts';
import type { SequentialType } from './sequential-type.ts';

/** Null, or the first thing wrong. @param respects real time, or only the order of each process. */
export function validateOrder(
  history: readonly Operation[],
  type: SequentialType,
  options: JudgingOptions,
  { partition, order }: Pick<LinearizationOrder, 'partition' | 'order'>,
  respects: 'realtime' | 'process' = 'realtime',
): string | null {
  const actions = actionsOf(history, type, options, partition);
  const done = new Set<number>();
  let state = type.initial(options);
  const latestCalls = new Map<number, number>();
  for (const index of order) {
    if (done.has(index)) return `operation ${String(index)} is in the order twice`;
    done.add(index);
    const action = actions.get(index);
    if (action === undefined) {
      if (saysNothing(history, type, options, index)) continue;
      return `operation ${String(index)} is not one that may have happened in this partition`;
    }
    const clock = respects === 'realtime' ? 0 : action.process;
    const latestCall = latestCalls.get(clock) ?? -1;
    if (Math.min(action.end, respects === 'process' ? action.completion : Infinity) < latestCall) {
      return `operation ${String(index)} ended before ${String(latestCall)} began, and comes after it`;
    }
    latestCalls.set(clock, Math.max(latestCall, action.call));
    const next = type.step(state, action.step);
    if (next === undefined) {
      const { f, input, output } = action.step;
      const answer = output === undefined ? '' : ` → ${textOf(output)}`;
      return `operation ${String(index)} (${f} ${textOf(input)}${answer}) is not possible in ${type.key(state)}`;
    }
    state = next;
  }
  for (const [index, { end }] of actions) {
    if (end !== Infinity && !done.has(index)) {
      return `operation ${String(index)} completed, and is not in the order`;
    }
  }
  return null;
}

function saysNothing(
  history: readonly Operation[],
  type: SequentialType,
  options: JudgingOptions,
  index: number,
): boolean {
  const recorded = recordedOperations(history).get(index);
  if (recorded === undefined || recorded.failed) return false;
  return type.empty?.({ ...recorded, refused: false }, options) === true;
}
