/**
 * Writes of different keys are seen in one order by all: of two reads of the same keys, one holds everything that the
 * other holds. Parallel snapshot isolation allows otherwise (a long fork), snapshot isolation does not.
 *
 * Source: Jepsen's `long-fork`. Every key is written at most once, so the states of a group of keys are sets that only
 * grow; legal reads form a chain, and sorting by size shows whether they do.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { numberOption } from './check-options.ts';
import { Interner } from './interner.ts';
import { pairOperations, placeOf } from './operation-pairs.ts';
import type { OperationPair } from './operation-pairs.ts';
import { proofOf } from './proof.ts';
import { malformed } from './register-history.ts';
import { isList, listOf, textOf } from './value-text.ts';
import { vacuousVerdict, verdictOf } from './verdict-of.ts';

/** A read of a group of keys. */
interface GroupRead {
  readonly pair: OperationPair;
  /** The numbers of its keys, ascending, and the value of each (-1: absent). */
  readonly keys: readonly number[];
  readonly values: readonly number[];
  readonly present: number;
}

/** What cannot be judged, in words. */
class Unjudgeable extends Error {}

/** Option `groupSize`: how many keys every read must have; default 0, any number. */
export const checkLongFork: Check = (run, options): Verdict => {
  const groupSize = numberOption(options, 'groupSize', 0);
  const keys = new Interner();
  const values = new Interner();
  const written = new Set<number>();
  const groups = new Map<string, GroupRead[]>();
  let reads = 0;
  for (const pair of pairOperations(run.history)) {
    const key = writtenKey(pair);
    if (key !== undefined) {
      const id = keys.idOf(key);
      if (written.has(id)) {
        const summary = `key ${textOf(key)} is written more than once; long forks are judged where no key is`;
        return vacuousVerdict(summary, { reads });
      }
      written.add(id);
    }
    const read = readOf(pair, keys, values, groupSize);
    if (read === null) continue;
    reads++;
    const group = read.keys.join(' ');
    const known = groups.get(group);
    if (known === undefined) groups.set(group, [read]);
    else known.push(read);
  }
  const figures = { reads, writes: written.size, groups: groups.size };
  if (reads === 0) return vacuousVerdict('no read of a group of keys completed', figures);
  try {
    const forks = [...groups.values()].flatMap(forksOf);
    const anomalies = forks.length === 0 ? [] : [anomalyOf(run, forks, keys)];
    const fine = `${String(reads)} reads of ${String(groups.size)} groups, no fork`;
    return verdictOf(anomalies, { ...figures, forks: forks.length }, fine);
  } catch (error) {
    if (error instanceof Unjudgeable) return vacuousVerdict(error.message, figures);
    throw error;
  }
};

type MicroOperation = readonly [string, Value, Value];

function microOperations(value: Value): MicroOperation[] | null {
  if (!isList(value)) return null;
  const found: MicroOperation[] = [];
  for (const item of value) {
    if (!isList(item) || typeof item[0] !== 'string') return null;
    found.push([item[0], item[1] ?? null, item[2] ?? null]);
  }
  return found;
}

/** The key that this transaction writes; undefined when it writes none. A write that failed counts: it was begun. */
function writtenKey({ invoke }: OperationPair): Value | undefined {
  const operations = microOperations(invoke.value);
  if (operations === null) throw malformed(invoke, 'a list of [f, key, value]');
  const write = operations.find(([f]) => f === 'w');
  if (write === undefined) return undefined;
  if (operations.length === 1) return write[1];
  throw malformed(invoke, 'one write alone, or reads alone');
}

function readOf(
  pair: OperationPair,
  keys: Interner,
  values: Interner,
  groupSize: number,
): GroupRead | null {
  const { completion } = pair;
  if (completion?.type !== 'ok') return null;
  const operations = microOperations(completion.value);
  if (operations === null) throw malformed(completion, 'a list of [f, key, value]');
  if (operations.length === 0 || operations.some(([f]) => f !== 'r')) return null;
  const cells = operations.map(([, key, value]) => ({
    key: keys.idOf(key),
    value: value === null ? -1 : values.idOf(value),
  }));
  cells.sort((a, b) => a.key - b.key);
  const read = { pair, keys: cells.map(({ key }) => key), values: cells.map(({ value }) => value) };
  if (groupSize > 0 && cells.length !== groupSize) {
    throw malformed(completion, `reads of ${String(groupSize)} keys`);
  }
  return { ...read, present: read.values.filter((value) => value >= 0).length };
}

/** Neighbours by size of which none holds the other. */
function forksOf(reads: readonly GroupRead[]): [GroupRead, GroupRead][] {
  const sorted = [...reads].sort((a, b) => a.present - b.present);
  const forks: [GroupRead, GroupRead][] = [];
  sorted.forEach((larger, index) => {
    const smaller = sorted[index - 1];
    if (smaller !== undefined && !isWithin(smaller, larger)) forks.push([smaller, larger]);
  });
  return forks;
}

function isWithin(smaller: GroupRead, larger: GroupRead): boolean {
  return smaller.values.every((value, place) => {
    const other = larger.values[place] ?? -1;
    if (value >= 0 && other >= 0 && value !== other) {
      throw new Unjudgeable(
        `${placeOf(smaller.pair)} and ${placeOf(larger.pair)} read different values of one key; ` +
          'long forks are judged where every key is written once',
      );
    }
    return value < 0 || other >= 0;
  });
}

function anomalyOf(
  run: RecordedRun,
  forks: readonly [GroupRead, GroupRead][],
  keys: Interner,
): Anomaly {
  const told = forks.map(([a, b]) => {
    const onlyIn = (one: GroupRead, other: GroupRead): string => {
      const place = one.values.findIndex((value, at) => value >= 0 && (other.values[at] ?? -1) < 0);
      return textOf(keys.valueOf(one.keys[place] ?? 0));
    };
    const [first, second] = [placeOf(a.pair), placeOf(b.pair)];
    return (
      `${first} holds key ${onlyIn(a, b)} and not ${onlyIn(b, a)}, ` +
      `${second} holds ${onlyIn(b, a)} and not ${onlyIn(a, b)}`
    );
  });
  return {
    name: 'long-fork',
    guarantee: 'All reads see the writes of different keys in one order.',
    explanation: `${listOf(told, 3)}.`,
    ...proofOf(
      run,
      forks.slice(0, 3).flatMap((fork) => fork.map(({ pair }) => pair)),
    ),
  };
}
