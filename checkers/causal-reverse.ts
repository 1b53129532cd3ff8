/**
 * Who sees a write sees every write that had been acknowledged before it began.
 *
 * Source: Jepsen's `causal-reverse` and CockroachDB's `comments`: strict serializability forbids a later write to be
 * visible without an earlier one. Of a read, the write begun last of those it shows decides what it must show; counting
 * tells whether anything is missing.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import type { CheckOptions } from './check-options.ts';
import { namesOption } from './check-options.ts';
import { Interner } from './interner.ts';
import { keyedOption, partitionByKey } from './keyed-pairs.ts';
import type { KeyedPair, KeyPartition } from './keyed-pairs.ts';
import { pairOperations, placeOf } from './operation-pairs.ts';
import type { OperationPair } from './operation-pairs.ts';
import { proofOf } from './proof.ts';
import { malformed } from './register-history.ts';
import { isList, listOf, textOf } from './value-text.ts';
import { vacuousVerdict, verdictOf } from './verdict-of.ts';

/** The writes of one key, by number. */
class Writes {
  readonly numbers = new Interner();
  readonly pairs: OperationPair[] = [];
  /** Of the acknowledged ones: their numbers, in the order of acknowledgement. */
  readonly acknowledged: number[] = [];

  constructor(writes: readonly KeyedPair[]) {
    for (const { pair, asked } of writes) {
      const number = this.numbers.idOf(asked);
      // Of a value that is written twice the first write counts: it demands least.
      if (this.pairs[number] === undefined) this.pairs[number] = pair;
      else if (isOk(this.pairs[number])) continue;
      else if (isOk(pair)) this.pairs[number] = { ...pair, invoke: this.pairs[number].invoke };
    }
    this.pairs.forEach((pair, number) => {
      if (isOk(pair)) this.acknowledged.push(number);
    });
    this.acknowledged.sort((a, b) => this.endOf(a) - this.endOf(b));
  }

  endOf(number: number): number {
    const pair = this.pairs[number];
    return pair !== undefined && isOk(pair) ? (pair.completion?.index ?? Infinity) : Infinity;
  }

  beginOf(number: number): number {
    return this.pairs[number]?.invoke.index ?? -1;
  }

  /** How many were acknowledged before `index`. */
  countBefore(index: number): number {
    let low = 0;
    let high = this.acknowledged.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.endOf(this.acknowledged[middle] ?? 0) < index) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

interface Gap {
  readonly read: OperationPair;
  /** The write that is shown, and those acknowledged before it that are not. */
  readonly shown: number;
  readonly missing: readonly number[];
}

/**
 * Options: `writes`, default ['write', 'add']; `reads`, answered by the list of all values written, default ['read'];
 * `keyed`, default when all values look so.
 */
export const checkCausalReverse: Check = (run, options): Verdict => {
  const pairs = pairOperations(run.history).filter(isOf(options, 'reads', 'writes'));
  const partitions = partitionByKey(pairs, keyedOption(options, pairs));
  const isRead = isOf(options, 'reads');
  const isWrite = isOf(options, 'writes');
  const anomalies: Anomaly[] = [];
  const counts = { keys: partitions.length, reads: 0, writes: 0, wrongReads: 0 };
  for (const partition of partitions) {
    const writes = new Writes(partition.pairs.filter(({ pair }) => isWrite(pair)));
    const reads = partition.pairs.filter(({ pair }) => isRead(pair) && isOk(pair));
    counts.reads += reads.length;
    counts.writes += writes.pairs.length;
    const gaps = reads.flatMap((read) => gapOf(read, writes));
    counts.wrongReads += gaps.length;
    if (gaps.length > 0) anomalies.push(anomalyOf(run, partition, writes, gaps));
  }
  if (counts.reads === 0) return vacuousVerdict('no read completed', counts);
  return verdictOf(
    anomalies,
    counts,
    `${String(counts.reads)} reads, none without an earlier write`,
  );
};

const NAMES = { reads: ['read'], writes: ['write', 'add'] };

function isOf(
  options: CheckOptions,
  ...kinds: readonly (keyof typeof NAMES)[]
): (pair: OperationPair) => boolean {
  const names = new Set(kinds.flatMap((kind) => namesOption(options, kind, NAMES[kind])));
  return ({ invoke }) => names.has(invoke.f);
}

function isOk({ completion }: OperationPair): boolean {
  return completion?.type === 'ok';
}

function gapOf({ pair, answered }: KeyedPair, writes: Writes): Gap[] {
  if (!isList(answered)) throw malformed(pair.completion ?? pair.invoke, 'a list of values');
  const seen = new Set<number>();
  let shown = -1;
  for (const value of answered) {
    const number = writes.numbers.find(value);
    if (number === undefined) continue;
    seen.add(number);
    if (writes.beginOf(number) > writes.beginOf(shown)) shown = number;
  }
  if (shown < 0) return [];
  const begun = writes.beginOf(shown);
  const expected = writes.countBefore(begun);
  let held = 0;
  for (const number of seen) if (writes.endOf(number) < begun) held++;
  if (held === expected) return [];
  const missing = writes.acknowledged.slice(0, expected).filter((number) => !seen.has(number));
  return [{ read: pair, shown, missing }];
}

function anomalyOf(
  run: RecordedRun,
  { key }: KeyPartition,
  writes: Writes,
  gaps: readonly Gap[],
): Anomaly {
  const text = (number: number): Value => writes.numbers.valueOf(number);
  const told = gaps.map(({ read, shown, missing }) => {
    const names = listOf(missing.map((number) => textOf(text(number))));
    return `${placeOf(read)} shows ${textOf(text(shown))} and not ${names}, acknowledged before it began`;
  });
  const pairs = gaps.slice(0, 3).flatMap(({ read, shown, missing }) => {
    const numbers = [...missing.slice(0, 2), shown];
    return [...numbers.flatMap((number) => writes.pairs[number] ?? []), read];
  });
  return {
    name: 'write-seen-without-earlier-write',
    guarantee: 'Who sees a write sees every write that had been acknowledged before it began.',
    explanation: `${key === null ? '' : `Key ${textOf(key)}: `}${listOf(told, 3)}.`,
    ...proofOf(run, pairs),
  };
}
