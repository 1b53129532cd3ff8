/** Adds and whole reads of a set as numbers: each element one number, each read a typed array. */
import type { RecordedRun } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { namesOption } from './check-options.ts';
import type { CheckOptions } from './check-options.ts';
import { Interner } from './interner.ts';
import { keyedOption, partitionByKey } from './keyed-pairs.ts';
import type { KeyedPair, KeyPartition } from './keyed-pairs.ts';
import { isService, pairOperations } from './operation-pairs.ts';
import type { OperationPair } from './operation-pairs.ts';
import { malformed } from './register-history.ts';
import { isList, unwrapValue } from './value-text.ts';

/** Small whole numbers, the usual elements, are looked up in a table and not in a map. */
const TABLE_SIZE = 1 << 20;

export interface SetRead {
  readonly pair: OperationPair;
  /** The elements it holds, each once. */
  readonly elements: Int32Array;
  /** Elements that it holds more than once. */
  readonly twice: readonly number[];
}

/** What happened to one set. */
export interface SetHistory {
  /** Null when the history is of a single set. */
  readonly key: Value;
  /** What each number stands for: elements added and elements only read. */
  readonly elements: readonly Value[];
  /** By element: its adds in order of invocation; undefined when it was never added. */
  readonly adds: readonly (readonly OperationPair[] | undefined)[];
  /** Completed reads, in order of invocation. */
  readonly reads: readonly SetRead[];
}

/**
 * The sets of a history, one a key.
 * Options: `adds`, default ['add']; `reads`, of the whole set, default ['read']; `keyed`: values are [key, element] and
 * [key, elements], default (and null) when all look so.
 * @throws TypeError when a read's answer is not a list.
 */
export function setHistories({ history }: RecordedRun, options: CheckOptions): SetHistory[] {
  const adds = new Set(namesOption(options, 'adds', ['add']));
  const reads = new Set(namesOption(options, 'reads', ['read']));
  const pairs = pairOperations(history).filter(
    ({ invoke }) => adds.has(invoke.f) || reads.has(invoke.f),
  );
  const keyed =
    keyedOption(options, pairs) && (options['keyed'] === true || readsAreKeyed(pairs, reads));
  return partitionByKey(pairs, keyed).map((partition) => setHistory(partition, adds));
}

/** A set of pairs looks keyed as well; the answers of its reads do not. */
function readsAreKeyed(pairs: readonly OperationPair[], reads: ReadonlySet<string>): boolean {
  return pairs.every(({ invoke, completion }) => {
    if (!reads.has(invoke.f) || completion?.type !== 'ok') return true;
    return isList(completion.value) && isList(unwrapValue(completion.value[1] ?? null));
  });
}

function setHistory({ key, pairs }: KeyPartition, addNames: ReadonlySet<string>): SetHistory {
  const numbers = new ElementNumbers();
  const adds: OperationPair[][] = [];
  const reads: SetRead[] = [];
  for (const { pair, asked } of pairs) {
    if (addNames.has(pair.invoke.f)) (adds[numbers.idOf(asked)] ??= []).push(pair);
  }
  const reader = new ReadConverter(numbers);
  for (const keyedPair of pairs) {
    const { pair } = keyedPair;
    if (addNames.has(pair.invoke.f) || pair.completion?.type !== 'ok') continue;
    reads.push(reader.convert(keyedPair));
  }
  return { key, elements: numbers.values, adds, reads };
}

class ElementNumbers {
  readonly #interner = new Interner();
  readonly #table = new Int32Array(TABLE_SIZE).fill(-1);

  idOf(value: Value): number {
    if (typeof value !== 'number' || !(value >= 0 && value < TABLE_SIZE)) {
      return this.#interner.idOf(value);
    }
    const known = this.#table[value];
    if (known !== undefined && known >= 0) return known;
    const id = this.#interner.idOf(value);
    if (Number.isInteger(value)) this.#table[value] = id;
    return id;
  }

  get values(): readonly Value[] {
    return this.#interner.values;
  }
}

class ReadConverter {
  readonly #numbers: ElementNumbers;
  /** By element: the last read that holds it, counted from 1. */
  #seen = new Int32Array(1_024);
  #read = 0;

  constructor(numbers: ElementNumbers) {
    this.#numbers = numbers;
  }

  convert({ pair, answered }: KeyedPair): SetRead {
    const list = unwrapValue(answered);
    if (!isList(list)) throw malformed(pair.completion ?? pair.invoke, 'a list of elements');
    this.#read++;
    const elements = new Int32Array(list.length);
    const twice = new Set<number>();
    let count = 0;
    for (const value of list) {
      const id = this.#numbers.idOf(value);
      if (id >= this.#seen.length) this.#grow(id);
      if (this.#seen[id] === this.#read) {
        twice.add(id);
        continue;
      }
      this.#seen[id] = this.#read;
      elements[count++] = id;
    }
    const held = count === elements.length ? elements : elements.slice(0, count);
    return { pair, elements: held, twice: [...twice] };
  }

  #grow(id: number): void {
    const larger = new Int32Array(Math.max(id + 1, this.#seen.length * 2));
    larger.set(this.#seen);
    this.#seen = larger;
  }
}

/** Whether the operation was acknowledged. */
export function isAcknowledged({ completion }: OperationPair): boolean {
  return completion?.type === 'ok' && isService(completion);
}

/** When the pair ended, in indexes of the history. */
export function endOf({ completion }: OperationPair): number {
  return completion?.index ?? Infinity;
}

/** Where a given few elements are: the places in `reads` that hold each. One pass over all reads. */
export function placesOf(
  { reads }: SetHistory,
  elements: readonly number[],
): ReadonlyMap<number, ReadonlySet<number>> {
  const places = new Map(elements.map((element) => [element, new Set<number>()]));
  if (places.size === 0) return places;
  const wanted = new Uint8Array(Math.max(...elements) + 1);
  for (const element of elements) wanted[element] = 1;
  reads.forEach((read, place) => {
    for (const element of read.elements) if (wanted[element] === 1) places.get(element)?.add(place);
  });
  return places;
}

/**
 * By element: the place in `reads` of the last begun that does not hold it; -1 when all do.
 */
export function lastAbsences({ reads, elements }: SetHistory): Int32Array {
  // How many of the last reads hold it, without a gap; a place behind that holds it no longer matters.
  const streak = new Int32Array(elements.length);
  for (let back = 0; back < reads.length; back++) {
    for (const element of reads[reads.length - 1 - back]?.elements ?? []) {
      if (streak[element] === back) streak[element] = back + 1;
    }
  }
  return streak.map((held) => reads.length - 1 - held);
}
