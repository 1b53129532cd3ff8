/**
 * A set to which elements are only ever added.
 *
 * An element is known once its add was acknowledged, or a read that holds it has completed. Of the reads begun after
 * that: one without it is stale when a later read on the same node has it, and the element is lost when none has (on
 * that node at least). In time proportional to the history, reads counted with their elements.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../harness/checker.ts';
import { flagOption } from './check-options.ts';
import type { CheckOptions } from './check-options.ts';
import { placeOf } from './operation-pairs.ts';
import type { OperationPair } from './operation-pairs.ts';
import { proofOf } from './proof.ts';
import { endOf, isAcknowledged, lastAbsences, placesOf, setHistories } from './set-history.ts';
import type { SetHistory } from './set-history.ts';
import { listOf, textOf } from './value-text.ts';
import { vacuousVerdict, verdictOf } from './verdict-of.ts';

/** So many elements of each kind are told in full. */
const TOLD_ELEMENTS = 5;

/** An element that is missing from a read begun after it was known. */
interface Absence {
  readonly set: SetHistory;
  readonly element: number;
  readonly knownFrom: number;
  readonly add: OperationPair | null;
  readonly knownBy: OperationPair | null;
  readonly lost: boolean;
}

/** An element in a read that should not hold it, or not so often. */
interface Excess {
  readonly text: string;
  readonly read: OperationPair;
}

/**
 * Options: `staleAllowed`: reads promise no freshness: stale ones are counted only, and an element is lost only when the
 * last read of every node misses it; default false. Those of setHistories, but `keyed` is false by default; null: when all
 * values look so.
 */
export const checkSet: Check = (run, options): Verdict => {
  const staleAllowed = flagOption(options, 'staleAllowed', false);
  const sets = setHistories(run, keyedOnRequest(options));
  const absences = sets.flatMap((set) => absencesOf(set, staleAllowed));
  const lost = absences.filter((absence) => absence.lost);
  const stale = absences.filter((absence) => !absence.lost);
  const phantoms = sets.flatMap(phantomsOf);
  const duplicates = sets.flatMap(duplicatesOf);
  const acknowledged = total(sets, ({ adds }) => adds.flat().filter(isAddAcknowledged).length);
  const reads = total(sets, (set) => set.reads.length);
  const figures = {
    adds: total(sets, ({ adds }) => adds.filter((of) => of !== undefined).length),
    acknowledged,
    reads,
    lost: lost.length,
    stale: stale.length,
    phantom: phantoms.length,
    readsWithDuplicates: new Set(duplicates.map(({ read }) => read)).size,
  };
  const anomalies = [
    ...absenceAnomaly(run, 'lost-acknowledged-write', lost.filter(wasAcknowledged)),
    ...absenceAnomaly(
      run,
      'vanished-element',
      lost.filter((absence) => !wasAcknowledged(absence)),
    ),
    ...(staleAllowed ? [] : absenceAnomaly(run, 'stale-read', stale)),
    ...excessAnomaly(run, 'phantom-element', phantoms),
    ...excessAnomaly(run, 'duplicated-element', duplicates),
  ];
  if (anomalies.length > 0) return verdictOf(anomalies, figures, '');
  if (reads === 0) return vacuousVerdict('no read of the set completed', figures);
  if (acknowledged === 0) return vacuousVerdict('no add was acknowledged', figures);
  return verdictOf([], figures, `${String(acknowledged)} acknowledged adds, none lost`);
};

/** A recorded run says itself when its values are keyed: elements may well be pairs. */
function keyedOnRequest(options: CheckOptions): CheckOptions {
  return 'keyed' in options ? options : { ...options, keyed: false };
}

function total(sets: readonly SetHistory[], count: (set: SetHistory) => number): number {
  return sets.reduce((sum, set) => sum + count(set), 0);
}

function isAddAcknowledged(add: OperationPair | undefined): boolean {
  return add !== undefined && isAcknowledged(add);
}

function wasAcknowledged({ add }: Absence): boolean {
  return add !== null && isAcknowledged(add);
}

/** From when on each element must be there, and who showed it. */
interface Knowledge {
  readonly from: Float64Array;
  readonly by: readonly (OperationPair | undefined)[];
  /** Of several adds of one element the one that promises most. */
  readonly add: readonly (OperationPair | undefined)[];
}

function knowledgeOf({ elements, adds, reads }: SetHistory): Knowledge {
  const from = new Float64Array(elements.length).fill(Infinity);
  const add = elements.map((_, element) => strongestAdd(adds[element] ?? []));
  const by = [...add];
  add.forEach((pair, element) => {
    if (pair !== undefined && isAcknowledged(pair)) from[element] = endOf(pair);
  });
  for (const { pair, elements: held } of reads) {
    const end = endOf(pair);
    for (const element of held) {
      if (end >= (from[element] as number) || add[element] === undefined) continue;
      from[element] = end;
      by[element] = pair;
    }
  }
  return { from, by, add };
}

/** An acknowledged add, the first of them; else one that may have happened; else one that failed. */
function strongestAdd(adds: readonly OperationPair[]): OperationPair | undefined {
  const rank = (pair: OperationPair): number => {
    if (isAcknowledged(pair)) return endOf(pair);
    return pair.completion?.type === 'fail' ? Infinity : Number.MAX_VALUE;
  };
  return adds.reduce<OperationPair | undefined>(
    (best, pair) => (best === undefined || rank(pair) < rank(best) ? pair : best),
    undefined,
  );
}

function absencesOf(set: SetHistory, staleAllowed: boolean): Absence[] {
  const { reads, elements } = set;
  const { from, by, add } = knowledgeOf(set);
  const lastAbsent = lastAbsences(set);
  const suspects: number[] = [];
  for (let element = 0; element < elements.length; element++) {
    const place = lastAbsent[element] as number;
    const absent = reads[place];
    if (absent !== undefined && absent.pair.invoke.index > (from[element] as number)) {
      suspects.push(element);
    }
  }
  if (suspects.length === 0) return [];
  const isLost = lossJudge(set, from, staleAllowed);
  return suspects.map((element) => ({
    set,
    element,
    knownFrom: from[element] as number,
    add: add[element] ?? null,
    knownBy: by[element] ?? null,
    lost: isLost(element),
  }));
}

/** Whether the last read of a node (of every node when stale reads are allowed) begun after it was known misses it. */
function lossJudge(
  { reads, elements }: SetHistory,
  from: Float64Array,
  staleAllowed: boolean,
): (element: number) => boolean {
  const lastOfNode = [...new Map(reads.map((read) => [read.pair.invoke.node, read])).values()];
  const held = new Int32Array(elements.length);
  for (const { pair, elements: shown } of lastOfNode) {
    for (const element of shown) {
      if (pair.invoke.index > (from[element] as number)) held[element] = (held[element] ?? 0) + 1;
    }
  }
  return (element) => {
    const after = lastOfNode.filter(({ pair }) => pair.invoke.index > (from[element] as number));
    const holding = held[element] ?? 0;
    return staleAllowed ? holding === 0 : holding < after.length;
  };
}

const GUARANTEES = {
  'lost-acknowledged-write':
    'An acknowledged element stays in the set: every read begun after the acknowledgement holds it.',
  'vanished-element':
    'An element that a read has shown stays in the set: every read begun after that read holds it.',
  'stale-read': 'A read of the set is not stale: it holds every element known before it began.',
  'phantom-element':
    'The set holds only elements whose adding has begun and has not certainly failed.',
  'duplicated-element': 'The set holds an element once.',
};

function absenceAnomaly(
  run: RecordedRun,
  name: keyof typeof GUARANTEES,
  absences: readonly Absence[],
): Anomaly[] {
  if (absences.length === 0) return [];
  const first = absences.slice(0, TOLD_ELEMENTS);
  const places = new Map(
    [...new Set(first.map(({ set }) => set))].map((set) => {
      const elements = first.filter((absence) => absence.set === set).map(({ element }) => element);
      return [set, placesOf(set, elements)];
    }),
  );
  const shown = first.map((absence) => ({
    absence,
    ...readsAround(absence, places.get(absence.set)?.get(absence.element) ?? new Set()),
  }));
  const told = shown.map(({ absence, missing, later }) => {
    const { knownBy, add } = absence;
    const reads = listOf(missing.map(placeAndNode), 3);
    const how = knownBy === add ? 'acknowledged' : 'read';
    const known =
      knownBy === null ? '' : ` (${how} at ${placeOf(knownBy)} on ${knownBy.invoke.node})`;
    const nodes = [...new Set(later.map(({ invoke }) => invoke.node))];
    const elsewhere =
      nodes.length === 0 ? '' : ` (reads begun later have it, on ${nodes.join(', ')})`;
    return `${elementText(absence.set, absence.element)}${known} is not in ${reads}${elsewhere}`;
  });
  const pairs = shown.flatMap(({ absence, missing }) =>
    [absence.add, absence.knownBy, ...missing.slice(0, 3)].filter((pair) => pair !== null),
  );
  const count = `${String(absences.length)} ${absences.length === 1 ? 'element' : 'elements'}`;
  const rest = absences.length - told.length;
  const more = rest === 0 ? '' : ` and ${String(rest)} more`;
  const explanation = `${count}: ${told.join('; ')}${more}.`;
  return [{ name, guarantee: GUARANTEES[name], explanation, ...proofOf(run, pairs) }];
}

function placeAndNode(pair: OperationPair): string {
  return `${placeOf(pair)} on ${pair.invoke.node}`;
}

/** The reads that miss the element although it was known, and those that have it again afterwards. */
function readsAround(
  { set, knownFrom }: Absence,
  holding: ReadonlySet<number>,
): { missing: OperationPair[]; later: OperationPair[] } {
  const after = set.reads
    .map(({ pair }, place) => ({ pair, holds: holding.has(place) }))
    .filter(({ pair }) => pair.invoke.index > knownFrom);
  const missing = after.filter(({ holds }) => !holds).map(({ pair }) => pair);
  const since = missing.at(-1)?.invoke.index ?? Infinity;
  const later = after.filter(({ pair, holds }) => holds && pair.invoke.index > since);
  return { missing, later: later.map(({ pair }) => pair) };
}

/** Elements that were read and never added, or whose adds had all certainly failed or not yet begun. */
function phantomsOf(set: SetHistory): Excess[] {
  const begun = Float64Array.from(set.elements, (_, element) =>
    (set.adds[element] ?? [])
      .filter(({ completion }) => completion?.type !== 'fail')
      .reduce((first, { invoke }) => Math.min(first, invoke.index), Infinity),
  );
  const known = new Uint8Array(set.elements.length);
  const phantoms: Excess[] = [];
  for (const { pair, elements } of set.reads) {
    const end = endOf(pair);
    for (const element of elements) {
      if (end > (begun[element] as number) || known[element] === 1) continue;
      known[element] = 1;
      const text = `${elementText(set, element)} in ${placeAndNode(pair)}`;
      phantoms.push({ text, read: pair });
    }
  }
  return phantoms;
}

/** Reads that hold an element more than once. */
function duplicatesOf(set: SetHistory): Excess[] {
  return set.reads.flatMap(({ pair, twice }) => {
    if (twice.length === 0) return [];
    const names = listOf(twice.map((element) => elementText(set, element)));
    return [{ text: `${names} in ${placeOf(pair)}`, read: pair }];
  });
}

function excessAnomaly(
  run: RecordedRun,
  name: 'phantom-element' | 'duplicated-element',
  found: readonly Excess[],
): Anomaly[] {
  if (found.length === 0) return [];
  const told = listOf(found.map(({ text }) => text));
  const explanation =
    name === 'phantom-element'
      ? `Never added (or the add certainly failed, or began later): ${told}.`
      : `More than once: ${told}.`;
  const pairs = found.slice(0, 8).map(({ read }) => read);
  return [{ name, guarantee: GUARANTEES[name], explanation, ...proofOf(run, pairs) }];
}

function elementText({ elements, key }: SetHistory, element: number): string {
  const text = textOf(elements[element] ?? null);
  return key === null ? text : `${textOf(key)} ${text}`;
}
