/**
 * Durability: what was acknowledged is in the final reads, unless something later replaced it.
 *
 * A final read is wrong when each write that may have produced its value had ended before another acknowledged write
 * began, which itself had ended before the read began. Nothing is asked of concurrent writes, nor of those with an unknown
 * outcome: holds for any register, whatever its consistency while the run went on.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../../harness/checker.ts';
import type { Operation, Value } from '../../harness/operation.ts';
import { flagOption, namesOption } from '../check-options.ts';
import type { CheckOptions } from '../check-options.ts';
import { partitionByKey } from '../keyed-pairs.ts';
import type { KeyedPair, KeyPartition } from '../keyed-pairs.ts';
import { pairOperations, placeOf } from '../operation-pairs.ts';
import type { OperationPair } from '../operation-pairs.ts';
import { proofOf } from '../proof.ts';
import { identityOf, isList, isRecord, textOf, unwrapValue } from '../value-text.ts';
import { vacuousVerdict, verdictOf } from '../verdict-of.ts';

/**
 * - `reads`: reads that must be fresh at the end; default ['read'].
 * - `writes`, `cas`, `deletes`: default ['write'], ['cas'], ['delete']; a delete writes the absent value.
 * - `adds`: adds to a set, whose reads are lists of elements; default ['add'].
 * - `keyed`: values are [key, value] pairs; default false.
 * - `initial`: what registers hold at the beginning; default null, absent.
 * - `finalPhase`: reads begun in or after this phase are final; default 'read back'. Without such a phase: those begun
 *   after all writes had ended.
 */
interface DurabilityOptions {
  readonly reads: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
  readonly cas: ReadonlySet<string>;
  readonly deletes: ReadonlySet<string>;
  readonly adds: ReadonlySet<string>;
  readonly keyed: boolean;
  readonly initial: Value;
  readonly finalPhase: Value;
}

const MOST_TOLD = 10;

export const checkDurability: Check = (run, options): Verdict => {
  const resolved = durabilityOptions(options);
  const isOurs = ({ invoke: { f } }: OperationPair): boolean =>
    [resolved.reads, resolved.writes, resolved.cas, resolved.deletes, resolved.adds].some((names) =>
      names.has(f),
    );
  const pairs = pairOperations(run.history).filter(isOurs);
  const isFinal = finality(run, pairs, resolved);
  const keys = partitionByKey(pairs, resolved.keyed).map((part) => {
    const finals = part.pairs.filter(({ pair }) => isFinal(pair));
    return { finals, lost: lostWrites(run, part, finals, resolved) };
  });
  const finals = keys.reduce((sum, key) => sum + key.finals.length, 0);
  const anomalies = keys.flatMap(({ lost }) => lost);
  const figures = { finalReads: finals, keys: keys.length, lost: anomalies.length };
  if (anomalies.length > 0) return verdictOf(anomalies.slice(0, MOST_TOLD), figures, '');
  if (finals === 0) return vacuousVerdict('no final read completed', figures);
  return verdictOf([], figures, `${String(finals)} final reads hold what was acknowledged`);
};

function durabilityOptions(options: CheckOptions): DurabilityOptions {
  const names = (name: string, standard: string): ReadonlySet<string> =>
    new Set(namesOption(options, name, [standard]));
  return {
    reads: names('reads', 'read'),
    writes: names('writes', 'write'),
    cas: names('cas', 'cas'),
    deletes: names('deletes', 'delete'),
    adds: names('adds', 'add'),
    keyed: flagOption(options, 'keyed', false),
    initial: options['initial'] ?? null,
    finalPhase: options['finalPhase'] ?? 'read back',
  };
}

/** Tells completed reads that are final. */
function finality(
  run: RecordedRun,
  pairs: readonly OperationPair[],
  { reads, finalPhase }: DurabilityOptions,
): (pair: OperationPair) => boolean {
  const phase = run.events.find((event) => event.type === 'phase' && event.phase === finalPhase);
  let lastWrite = -1;
  for (const { invoke, completion } of pairs) {
    if (!reads.has(invoke.f)) lastWrite = Math.max(lastWrite, (completion ?? invoke).index);
  }
  const isLate = ({ time, index }: Operation): boolean =>
    phase === undefined ? index > lastWrite : time >= phase.notAfter;
  return ({ invoke, completion }) =>
    reads.has(invoke.f) && completion?.type === 'ok' && isLate(invoke);
}

/** A write that may have happened: what it left, and until when it may have. */
interface Written {
  readonly pair: OperationPair;
  readonly value: Value;
  /** Index of its completion; Infinity when it may have happened later as well. */
  readonly end: number;
}

function lostWrites(
  run: RecordedRun,
  { key, pairs }: KeyPartition,
  finals: readonly KeyedPair[],
  options: DurabilityOptions,
): Anomaly[] {
  const written = pairs.flatMap((pair) => writtenBy(pair, options) ?? []);
  const added = pairs.filter(({ pair }) => options.adds.has(pair.invoke.f));
  for (const { pair, answered } of finals) {
    const value = unwrapValue(answered);
    const lost =
      added.length > 0 ? lostElement(added, pair, value) : replaced(written, pair, value, options);
    // One a key: later final reads show the same.
    if (lost !== null) return [lostWrite(run, key, lost, pair, value)];
  }
  return [];
}

function writtenBy(
  { pair, asked, answered }: KeyedPair,
  options: DurabilityOptions,
): Written | null {
  const { invoke, completion } = pair;
  if (completion?.type === 'fail') return null;
  const end = completion?.type === 'ok' ? completion.index : Infinity;
  if (options.writes.has(invoke.f)) return { pair, value: unwrapValue(asked), end };
  if (options.deletes.has(invoke.f)) return { pair, value: null, end };
  if (!options.cas.has(invoke.f)) return null;
  if (isRecord(answered) && answered['swapped'] === false) return null;
  const to = isList(asked) ? asked[1] : isRecord(asked) ? asked['to'] : undefined;
  return { pair, value: to ?? null, end };
}

/** The latest acknowledged write before the read, when all that may have produced the read's value came before it. */
function replaced(
  written: readonly Written[],
  read: OperationPair,
  value: Value,
  { initial }: DurabilityOptions,
): OperationPair | null {
  let latest: Written | null = null;
  for (const write of written) {
    const isBefore = write.end < read.invoke.index;
    if (isBefore && write.pair.invoke.index > (latest?.pair.invoke.index ?? -1)) latest = write;
  }
  if (latest === null) return null;
  const identity = identityOf(value);
  const producers = written.filter((write) => identityOf(write.value) === identity);
  const ends = producers.map(({ end }) => end);
  if (identityOf(initial) === identity) ends.push(-1);
  // A value that nobody wrote is another matter than one that was lost.
  if (ends.length === 0) return null;
  const end = ends.reduce((a, b) => Math.max(a, b), -1);
  return end < latest.pair.invoke.index ? latest.pair : null;
}

function lostElement(
  added: readonly KeyedPair[],
  read: OperationPair,
  value: Value,
): OperationPair | null {
  if (!isList(value)) return null;
  const elements = new Set(value.map(identityOf));
  const lost = added.find(
    ({ pair: { completion }, asked }) =>
      completion?.type === 'ok' &&
      completion.index < read.invoke.index &&
      !elements.has(identityOf(unwrapValue(asked))),
  );
  return lost?.pair ?? null;
}

function lostWrite(
  run: RecordedRun,
  key: Value,
  write: OperationPair,
  read: OperationPair,
  value: Value,
): Anomaly {
  const of = key === null ? '' : ` of ${textOf(key)}`;
  return {
    name: 'lost-acknowledged-write',
    guarantee: 'What was acknowledged is in the final reads, unless something later replaced it.',
    explanation:
      `The ${write.invoke.f} of ${textOf(write.invoke.value)} ${placeOf(write)} was acknowledged; the final ` +
      `${read.invoke.f}${of} ${placeOf(read)} on ${read.invoke.node} told ${textOf(value)}, which was there before ` +
      `it or never held it.`,
    ...proofOf(run, [write, read]),
  };
}
