/**
 * Do these few operations follow from the history by steps that keep legal histories legal, and is there no order of
 * them? All orders are tried here.
 *
 * Sound steps: an interval is widened; an operation is made optional; one that only reads is left out; of a register,
 * a value that none of these operations looks for is never written; what is called after everything that must happen
 * has ended is left out (a prefix).
 */
import type { Operation } from '../../harness/operation.ts';
import type { SmallIllegalHistory } from '../certificate.ts';
import type { JudgingOptions } from '../judging/history-judge.ts';
import { identityOf } from '../value-text.ts';
import { actionsOf } from './partition.ts';
import type { Action } from './partition.ts';
import type { SequentialType } from './sequential-type.ts';

type Part = SmallIllegalHistory['operations'][number];

const MOST_OPERATIONS = 30;
const MOST_CONFIGURATIONS = 2_000_000;

/** Null, or the first thing wrong. */
export function validateSmallHistory(
  history: readonly Operation[],
  type: SequentialType,
  options: JudgingOptions,
  certificate: SmallIllegalHistory,
): string | null {
  const actions = actionsOf(history, type, options, certificate.partition);
  const { operations } = certificate;
  if (operations.length > MOST_OPERATIONS) {
    return `${String(operations.length)} operations are too many to try all orders of`;
  }
  const parts = new Map<number, Part>();
  for (const part of operations) {
    const wrong = wrongPart(part, actions, parts);
    if (wrong !== null) return wrong;
    parts.set(part.operation, part);
  }
  return wrongOmission(actions, parts, type, options) ?? tryAll(operations, actions, type, options);
}

function wrongPart(
  part: Part,
  actions: ReadonlyMap<number, Action>,
  parts: ReadonlyMap<number, Part>,
): string | null {
  const { operation, call, end, optional } = part;
  const action = actions.get(operation);
  const name = `operation ${String(operation)}`;
  if (action === undefined) return `${name} is not one that may have happened in this partition`;
  if (parts.has(operation)) return `${name} is named twice`;
  if (call > action.call)
    return `${name} was called at ${String(action.call)}, not only at ${String(call)}`;
  if ((end ?? Infinity) < action.end) {
    return `${name} had until ${String(action.end)} to happen, not only until ${String(end)}`;
  }
  if (action.end === Infinity && !optional) return `${name} need not have happened`;
  return null;
}

function wrongOmission(
  actions: ReadonlyMap<number, Action>,
  parts: ReadonlyMap<number, Part>,
  type: SequentialType,
  options: JudgingOptions,
): string | null {
  let lastNeeded = -1;
  for (const { end, optional } of parts.values()) {
    if (!optional) lastNeeded = Math.max(lastNeeded, end ?? Infinity);
  }
  const wanted = wantedValues(actions, parts, type, options);
  for (const [index, { step, call }] of actions) {
    if (parts.has(index) || type.reads(step) || call > lastNeeded) continue;
    const leaves = type.leaves?.(step);
    if (wanted !== null && leaves !== undefined && !wanted.has(identityOf(leaves))) continue;
    return `operation ${String(index)} is left out, and may have changed the state`;
  }
  return null;
}

/** The values that these operations need to find; null where any change of the state matters. */
function wantedValues(
  actions: ReadonlyMap<number, Action>,
  parts: ReadonlyMap<number, Part>,
  type: SequentialType,
  options: JudgingOptions,
): Set<string> | null {
  if (type.needs === undefined || type.leaves === undefined) return null;
  const wanted = new Set<string>();
  for (const index of parts.keys()) {
    const step = (actions.get(index) as Action).step;
    const needs = type.needs(step, options);
    if (needs !== undefined) wanted.add(identityOf(needs));
    else if (type.leaves(step) === undefined) return null;
  }
  return wanted;
}

/** Every order, depth first; what is left and the state are all that matters, so each pair is entered once. */
function tryAll(
  parts: readonly Part[],
  actions: ReadonlyMap<number, Action>,
  type: SequentialType,
  options: JudgingOptions,
): string | null {
  const all = (1 << parts.length) - 1;
  let mustHappen = 0;
  parts.forEach(({ optional }, bit) => (mustHappen |= optional ? 0 : 1 << bit));
  if (mustHappen === 0) return 'nothing of this must have happened';
  const seen = new Set<string>();
  const stack: { left: number; state: unknown }[] = [{ left: all, state: type.initial(options) }];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const { left, state } = node;
    if ((left & mustHappen) === 0) return 'there is an order of these operations';
    const name = `${String(left)} ${type.key(state)}`;
    if (seen.has(name)) continue;
    seen.add(name);
    if (seen.size > MOST_CONFIGURATIONS) return 'there are too many orders to try them all';
    let firstEnd = Infinity;
    parts.forEach(({ end, optional }, bit) => {
      if ((left & (1 << bit)) !== 0 && !optional) firstEnd = Math.min(firstEnd, end ?? Infinity);
    });
    parts.forEach(({ operation, call }, bit) => {
      if ((left & (1 << bit)) === 0 || call > firstEnd) return;
      const after = type.step(state, (actions.get(operation) as Action).step);
      if (after === undefined) return;
      stack.push({ left: withoutEnded(left & ~(1 << bit), parts, call), state: after });
    });
  }
  return null;
}

/** An optional operation that ended before another that is now done can no longer happen. */
function withoutEnded(left: number, parts: readonly Part[], call: number): number {
  let remaining = left;
  parts.forEach((part, bit) => {
    if (part.optional && (part.end ?? Infinity) < call) remaining &= ~(1 << bit);
  });
  return remaining;
}
