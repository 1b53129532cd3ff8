/** Evidence about values written once or never. */
import type { Operation, Value } from '../../harness/operation.ts';
import type { ConflictingZones, UnproducedRead } from '../certificate.ts';
import type { JudgingOptions } from '../judging/history-judge.ts';
import { identityOf, textOf } from '../value-text.ts';
import { actionsOf } from './partition.ts';
import type { Action } from './partition.ts';
import type { SequentialType } from './sequential-type.ts';

/** Null, or the first thing wrong. */
export function validateUnproducedRead(
  history: readonly Operation[],
  type: SequentialType,
  options: JudgingOptions,
  certificate: UnproducedRead,
): string | null {
  const actions = actionsOf(history, type, options, certificate.partition);
  const read = actions.get(certificate.read);
  if (read === undefined || read.end === Infinity) {
    return `operation ${String(certificate.read)} is not one that completed in this partition`;
  }
  const needs = type.needs?.(read.step, options);
  if (needs !== undefined) {
    if (identityOf(needs) === identityOf(type.initial(options) as Value)) {
      return `${textOf(needs)} is the value at the beginning`;
    }
    const producer = producerOf([needs], actions, read, (action) => leftBy(action, type));
    if (producer === null) return null;
    return `operation ${String(producer)} may have written ${textOf(needs)} by then`;
  }
  const shown = type.shows?.(read.step) ?? [];
  for (const value of shown) {
    if (producerOf([value], actions, read, (action) => type.brings?.(action.step) ?? []) === null) {
      return null;
    }
  }
  return `operation ${String(certificate.read)} shows nothing that could not have been written by then`;
}

function leftBy({ step }: Action, type: SequentialType): readonly Value[] {
  const left = type.leaves?.(step);
  return left === undefined ? [] : [left];
}

function producerOf(
  [value]: readonly [Value],
  actions: ReadonlyMap<number, Action>,
  read: Action,
  produced: (action: Action) => readonly Value[],
): number | null {
  const wanted = identityOf(value);
  for (const [index, action] of actions) {
    if (action === read || action.call > read.end) continue;
    if (produced(action).some((one) => identityOf(one) === wanted)) return index;
  }
  return null;
}

/**
 * A value that comes up once is held without a break from its first touch to its last. Two operations on one value, the
 * first ended before the second was called, hold it all that time; two on another value, one that can only be after
 * that began and one that can only be before it was over (or the same one), have no place.
 */
export function validateZones(
  history: readonly Operation[],
  type: SequentialType,
  options: JudgingOptions,
  certificate: ConflictingZones,
): string | null {
  const actions = actionsOf(history, type, options, certificate.partition);
  const named = [...certificate.forward, ...certificate.other];
  const [a, b, c, d] = named.map((index) => actions.get(index));
  if (a === undefined || b === undefined || c === undefined || d === undefined) {
    return 'a zone names an operation that did not happen in this partition';
  }
  const common = (one: Action, two: Action): Value | undefined =>
    touched(one, type, options).find((value) =>
      touched(two, type, options).some((other) => identityOf(other) === identityOf(value)),
    );
  const held = common(a, b);
  const other = common(c, d);
  if (held === undefined || other === undefined) return 'the operations of a zone are of one value';
  if (identityOf(held) === identityOf(other)) return 'the two zones are of one value';
  if (!happened(b, a, held, type, options) || !happened(d, c, other, type, options)) {
    return 'the operation called last need not have happened';
  }
  const heldFrom = firstEnd(a, held, actions, type, options);
  const otherFrom = firstEnd(c, other, actions, type, options);
  if (typeof heldFrom === 'string') return heldFrom;
  if (typeof otherFrom === 'string') return otherFrom;
  if (!(heldFrom < b.call)) return 'the first zone is not forward';
  if (!(d.call > heldFrom)) return 'the other zone may lie before the forward one';
  if (!(otherFrom < b.call)) return 'the other zone may lie after the forward one';
  return null;
}

/** When the value was held at the latest for the first time; a sentence when it may have come up twice. */
function firstEnd(
  action: Action,
  value: Value,
  actions: ReadonlyMap<number, Action>,
  type: SequentialType,
  options: JudgingOptions,
): number | string {
  const wanted = identityOf(value);
  const initial = wanted === identityOf(type.initial(options) as Value);
  let writes = initial ? 1 : 0;
  for (const [, one] of actions) {
    const left = type.leaves?.(one.step);
    if (left !== undefined && identityOf(left) === wanted) writes++;
  }
  if (writes !== 1) return `${textOf(value)} may have come up ${String(writes)} times`;
  return initial ? -1 : action.end;
}

/** It completed, or it is the only one that can have left the value that another found. */
function happened(
  action: Action,
  finder: Action,
  value: Value,
  type: SequentialType,
  options: JudgingOptions,
): boolean {
  if (action.end !== Infinity) return true;
  const left = type.leaves?.(action.step);
  const needed = type.needs?.(finder.step, options);
  if (left === undefined || needed === undefined || finder.end === Infinity) return false;
  return identityOf(left) === identityOf(value) && identityOf(needed) === identityOf(value);
}

function touched({ step }: Action, type: SequentialType, options: JudgingOptions): Value[] {
  const needs = type.needs?.(step, options);
  const leaves = type.leaves?.(step);
  return [needs, leaves].filter((value): value is Value => value !== undefined);
}
