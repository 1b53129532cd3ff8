/**
 * Reads at a timestamp, of systems that keep versions and tell at which timestamp they wrote: whoever reads at a
 * timestamp, from whichever replica and whenever, sees the last write before it. So two reads of one key at one timestamp
 * return the same, and no acknowledged write before the timestamp is missing. Real time does not matter: a server must
 * not answer at a timestamp at which something may yet be written.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { flagOption, namesOption } from './check-options.ts';
import type { CheckOptions } from './check-options.ts';
import { pairOperations, placeOf } from './operation-pairs.ts';
import type { OperationPair } from './operation-pairs.ts';
import { proofOf } from './proof.ts';
import { splitKeyed } from './register-history.ts';
import { identityOf, isRecord, textOf, unwrapValue } from './value-text.ts';
import { vacuousVerdict, verdictOf } from './verdict-of.ts';

/**
 * - `reads`: complete with {value, snapshot}; default ['snapshot-read'].
 * - `writes`: invoke v or {value: v}, complete with {timestamp}; each value is written once; default ['write'].
 * - `keyed`: values are pairs [key, …]; default false.
 * - `inclusive`: a read at a timestamp sees what was written at it; default false: only what was before.
 *
 * Timestamps are whole numbers, or such in decimal where they are beyond 2^53.
 */
interface SnapshotOptions {
  readonly reads: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
  readonly keyed: boolean;
  readonly inclusive: boolean;
}

interface TimedWrite {
  readonly pair: OperationPair;
  readonly value: Value;
  /** Null: the outcome is not known, so no timestamp was told. */
  readonly timestamp: bigint | null;
}

interface SnapshotRead {
  readonly pair: OperationPair;
  readonly value: Value;
  readonly snapshot: bigint;
}

/** All that was written and read of one key. */
interface VersionedKey {
  readonly key: Value;
  readonly writes: TimedWrite[];
  readonly reads: SnapshotRead[];
}

const MOST_TOLD = 10;
const GUARANTEE = 'A read at a timestamp returns the last write before it, the same to everyone.';

export const checkSnapshotReads: Check = (run, options): Verdict => {
  const keys = versionedKeys(run, snapshotOptions(options));
  const inclusive = flagOption(options, 'inclusive', false);
  const anomalies = keys.flatMap((key) => [
    ...unrepeatable(run, key),
    ...misplaced(run, key, inclusive),
  ]);
  const reads = keys.reduce((sum, key) => sum + key.reads.length, 0);
  const snapshots = keys.reduce(
    (sum, key) => sum + new Set(key.reads.map(({ snapshot }) => snapshot)).size,
    0,
  );
  const figures = { keys: keys.length, reads, snapshots, anomalies: anomalies.length };
  if (anomalies.length === 0 && reads === 0) {
    return vacuousVerdict('no read told its snapshot', figures);
  }
  const fine = `${String(reads)} reads at ${String(snapshots)} snapshots are as what was written`;
  return verdictOf(anomalies.slice(0, MOST_TOLD), figures, fine);
};

function snapshotOptions(options: CheckOptions): SnapshotOptions {
  return {
    reads: new Set(namesOption(options, 'reads', ['snapshot-read'])),
    writes: new Set(namesOption(options, 'writes', ['write'])),
    keyed: flagOption(options, 'keyed', false),
    inclusive: flagOption(options, 'inclusive', false),
  };
}

function versionedKeys(run: RecordedRun, options: SnapshotOptions): VersionedKey[] {
  const keys = new Map<string, VersionedKey>();
  for (const pair of pairOperations(run.history)) {
    const { invoke, completion } = pair;
    const isRead = options.reads.has(invoke.f);
    if ((!isRead && !options.writes.has(invoke.f)) || completion?.type === 'fail') continue;
    const asked = options.keyed ? splitKeyed(invoke) : { key: null, value: invoke.value };
    const known = keys.get(identityOf(asked.key));
    const key: VersionedKey = known ?? { key: asked.key, writes: [], reads: [] };
    if (known === undefined) keys.set(identityOf(asked.key), key);
    const answer = answerOf(pair, options.keyed);
    if (!isRead) {
      const timestamp = timestampOf(answer, 'timestamp');
      key.writes.push({ pair, value: unwrapValue(asked.value), timestamp });
    } else if (answer !== null) {
      const snapshot = timestampOf(answer, 'snapshot');
      if (snapshot !== null) key.reads.push({ pair, value: unwrapValue(answer), snapshot });
    }
  }
  return [...keys.values()];
}

/** What an `ok` answered; null for any other outcome. */
function answerOf({ completion }: OperationPair, keyed: boolean): Value {
  if (completion?.type !== 'ok') return null;
  return keyed ? splitKeyed(completion).value : completion.value;
}

function timestampOf(answer: Value, name: string): bigint | null {
  const told = isRecord(answer) ? answer[name] : undefined;
  if (typeof told === 'number' && Number.isInteger(told)) return BigInt(told);
  return typeof told === 'string' && /^\d+$/.test(told) ? BigInt(told) : null;
}

/** The first two reads of each snapshot that return different values. */
function unrepeatable(run: RecordedRun, { key, reads }: VersionedKey): Anomaly[] {
  const first = new Map<bigint, SnapshotRead>();
  const accused = new Set<bigint>();
  const anomalies: Anomaly[] = [];
  for (const read of reads) {
    const other = first.get(read.snapshot);
    if (other === undefined) first.set(read.snapshot, read);
    if (other === undefined || accused.has(read.snapshot)) continue;
    if (identityOf(other.value) === identityOf(read.value)) continue;
    accused.add(read.snapshot);
    anomalies.push({
      name: 'snapshot-not-repeatable',
      guarantee: GUARANTEE,
      explanation:
        `at ${String(read.snapshot)} the key ${textOf(key)} is ${textOf(other.value)} by ${placeOf(other.pair)} ` +
        `and ${textOf(read.value)} by ${placeOf(read.pair)}`,
      ...proofOf(run, [other.pair, read.pair]),
    });
  }
  return anomalies;
}

/** Reads that miss an acknowledged write before their snapshot, or see one after it; the first of each write. */
function misplaced(
  run: RecordedRun,
  { key, writes, reads }: VersionedKey,
  inclusive: boolean,
): Anomaly[] {
  const writers = writersOf(writes);
  const timed = writes
    .flatMap(({ pair, timestamp }) => (timestamp === null ? [] : [{ pair, timestamp }]))
    .sort((a, b) => (a.timestamp < b.timestamp ? -1 : Number(a.timestamp > b.timestamp)));
  const accused = new Set<OperationPair>();
  const anomalies: Anomaly[] = [];
  for (const { pair, value, snapshot } of reads) {
    const seen = value === null ? BEGINNING : writers.get(identityOf(value));
    if (seen?.timestamp === undefined || seen.timestamp === null) continue;
    const within = ({ timestamp }: { readonly timestamp: bigint }): boolean =>
      timestamp < snapshot || (inclusive && timestamp === snapshot);
    const last = timed.findLast(within);
    const later = seen.pair !== null && !within({ timestamp: seen.timestamp }) ? seen.pair : null;
    const missed = last !== undefined && last.timestamp > seen.timestamp ? last.pair : null;
    const wrong = later ?? missed;
    if (wrong === null || accused.has(wrong)) continue;
    accused.add(wrong);
    const what = later === null ? 'misses' : 'sees';
    anomalies.push({
      name: later === null ? 'snapshot-misses-write' : 'snapshot-sees-later-write',
      guarantee: GUARANTEE,
      explanation:
        `${placeOf(pair)} reads ${textOf(value)} of the key ${textOf(key)} at ${String(snapshot)}, and so ${what} ` +
        `${placeOf(wrong)}, written at ${String(timestampOfWrite(timed, wrong))}`,
      ...proofOf(run, [pair, wrong, ...(seen.pair === null || later !== null ? [] : [seen.pair])]),
    });
  }
  return anomalies;
}

interface Writer {
  /** Null: the key was never written. */
  readonly pair: OperationPair | null;
  readonly timestamp: bigint | null;
}

const BEGINNING: Writer = { pair: null, timestamp: -1n };
/** Of a value that several writes wrote nothing is concluded. */
const SEVERAL: Writer = { pair: null, timestamp: null };

function writersOf(writes: readonly TimedWrite[]): ReadonlyMap<string, Writer> {
  const writers = new Map<string, Writer>();
  for (const { pair, value, timestamp } of writes) {
    const identity = identityOf(value);
    writers.set(identity, writers.has(identity) ? SEVERAL : { pair, timestamp });
  }
  return writers;
}

function timestampOfWrite(
  timed: readonly { readonly pair: OperationPair; readonly timestamp: bigint }[],
  pair: OperationPair,
): bigint | null {
  return timed.find((each) => each.pair === pair)?.timestamp ?? null;
}
