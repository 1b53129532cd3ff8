/**
 * What completed backups hold: every element whose add was acknowledged before the backup was asked for, none whose add
 * began after it was told complete, and, as a backup is of one moment, none without all that was acknowledged before its
 * own add began. A master that is restored from it holds the same. Whatever says that it is complete is of a backup that
 * may be.
 *
 * Conventions: adds and removes name an element, each element added once at most and removed once at most; the answer of
 * a begin is {id}, of reports {id, state, uri}; contents are {backup, paths}, `backup` being the last part of the uri.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../../harness/checker.ts';
import type { Value } from '../../harness/operation.ts';
import type { CheckOptions } from '../check-options.ts';
import { namesOption } from '../check-options.ts';
import { type OperationPair, pairOperations, placeOf } from '../operation-pairs.ts';
import { proofOf } from '../proof.ts';
import { isList, isRecord, listOf, textOf } from '../value-text.ts';
import { vacuousVerdict, verdictOf } from '../verdict-of.ts';
import { jobReports } from './job-reports.ts';

/** A completed backup: between which lines of the history it was made. */
interface Snapshot {
  readonly id: string;
  readonly name: string;
  readonly begun: OperationPair;
  readonly ended: OperationPair;
}

interface Element {
  readonly add: OperationPair;
  readonly removal: OperationPair | null;
}

interface Contents {
  readonly read: OperationPair;
  readonly backup: string;
  readonly paths: ReadonlySet<string>;
}

const MOST_TOLD = 10;

/**
 * Options: `adds`, default ['create']; `removes`, default ['delete']; `begins`, default ['backup']; `reports`, default
 * ['backup', 'backup-status']; `contents`, default ['backup-contents', 'restored']; `completed` and `failed`, states,
 * default ['Completed'] and ['Failed']; `files`, what tells {complete, markers}, default ['backup-files'].
 */
export const checkSnapshotContents: Check = (run, options): Verdict => {
  const names = (name: string, standard: readonly string[]): ReadonlySet<string> =>
    new Set(namesOption(options, name, standard));
  const pairs = pairOperations(run.history);
  const elements = elementsOf(pairs, names('adds', ['create']), names('removes', ['delete']));
  const snapshots = snapshotsOf(run, pairs, options);
  const contents = contentsRead(pairs, names('contents', ['backup-contents', 'restored']));
  const judged = snapshots.flatMap((snapshot) =>
    contents.filter(({ backup }) => backup === snapshot.name).map((held) => ({ snapshot, held })),
  );
  const anomalies = [
    ...judged.flatMap(({ snapshot, held }) => wrongContents(run, snapshot, held, elements)),
    ...restoredOtherwise(run, contents),
    ...wrongMarkers(run, pairs, options),
  ];
  const figures = { completed: snapshots.length, judged: judged.length, elements: elements.size };
  if (anomalies.length > 0) return verdictOf(anomalies.slice(0, MOST_TOLD), figures, '');
  if (judged.length === 0) return vacuousVerdict('no completed backup was read', figures);
  return verdictOf([], figures, `${String(judged.length)} readings of backups hold what they must`);
};

function elementsOf(
  pairs: readonly OperationPair[],
  adds: ReadonlySet<string>,
  removes: ReadonlySet<string>,
): Map<string, Element> {
  const elements = new Map<string, Element>();
  for (const pair of pairs) {
    const { f, value } = pair.invoke;
    if (typeof value !== 'string') continue;
    const known = elements.get(value);
    if (adds.has(f) && known === undefined) elements.set(value, { add: pair, removal: null });
    else if (removes.has(f) && known !== undefined && pair.completion?.type !== 'fail') {
      elements.set(value, { ...known, removal: pair });
    }
  }
  return elements;
}

function snapshotsOf(
  run: RecordedRun,
  pairs: readonly OperationPair[],
  options: CheckOptions,
): Snapshot[] {
  const begins = new Set(namesOption(options, 'begins', ['backup']));
  const completed = new Set(namesOption(options, 'completed', ['Completed']));
  const reports = new Set(namesOption(options, 'reports', ['backup', 'backup-status']));
  const begun = new Map<string, OperationPair>();
  for (const pair of pairs) {
    const id = textField(pair, 'id');
    if (begins.has(pair.invoke.f) && id !== null) begun.set(id, pair);
  }
  const snapshots = new Map<string, Snapshot>();
  for (const { id, state, pair } of jobReports(run.history, reports)) {
    const name = textField(pair, 'uri')?.split('/').at(-1);
    const beginning = begun.get(id);
    if (state === null || !completed.has(state) || name === undefined) continue;
    if (beginning === undefined || snapshots.has(id)) continue;
    snapshots.set(id, { id, name, begun: beginning, ended: pair });
  }
  return [...snapshots.values()];
}

function contentsRead(
  pairs: readonly OperationPair[],
  reads: ReadonlySet<string>,
): readonly Contents[] {
  return pairs.flatMap((read) => {
    const backup = textField(read, 'backup');
    const paths = fieldOf(read, 'paths');
    if (!reads.has(read.invoke.f) || backup === null || !isList(paths)) return [];
    return [{ read, backup, paths: new Set(paths.map(String)) }];
  });
}

function wrongContents(
  run: RecordedRun,
  snapshot: Snapshot,
  held: Contents,
  elements: ReadonlyMap<string, Element>,
): Anomaly[] {
  const { begun, ended } = snapshot;
  const begin = begun.invoke.index;
  const end = ended.completion?.index ?? Infinity;
  const mayBeGone = ({ removal }: Element): boolean =>
    removal !== null && removal.invoke.index < end;
  const missing: [string, Element][] = [];
  const extra: [string, Element | null][] = [];
  /** The latest beginning of an add that the backup holds. */
  let latest = begin;
  for (const path of held.paths) {
    const element = elements.get(path) ?? null;
    const from = element?.add.invoke.index ?? Infinity;
    const gone = element?.removal?.completion;
    const failed = element?.add.completion?.type === 'fail';
    if (from > end || failed || (gone?.type === 'ok' && gone.index < begin)) {
      extra.push([path, element]);
    } else latest = Math.max(latest, from);
  }
  for (const [path, element] of elements) {
    const { completion } = element.add;
    if (completion?.type !== 'ok' || completion.index >= latest) continue;
    if (!held.paths.has(path) && !mayBeGone(element)) missing.push([path, element]);
  }
  const of = `Backup ${snapshot.name} (${snapshot.id}, begun ${placeOf(begun)}, complete ${placeOf(ended)}), as ${held.read.invoke.f} ${placeOf(held.read)} tells`;
  const told = (list: readonly (readonly [string, unknown])[]): string =>
    listOf(list.map(([path]) => path));
  return [
    ...anomalyUnless(missing.length === 0, () => ({
      name: 'missing-from-backup',
      guarantee: 'A backup is of one moment, and holds all that was acknowledged before it.',
      explanation: `${of}, lacks ${told(missing)}, acknowledged ${missing[0] === undefined ? '' : placeOf(missing[0][1].add)}.`,
      ...proofOf(run, [begun, ended, held.read, ...missing.slice(0, 3).map(([, { add }]) => add)]),
    })),
    ...anomalyUnless(extra.length === 0, () => ({
      name: 'not-of-the-backups-time',
      guarantee: 'A backup holds nothing that began after it was complete, or was gone before it.',
      explanation: `${of}, holds ${told(extra)}.`,
      ...proofOf(run, [
        begun,
        ended,
        held.read,
        ...extra.slice(0, 3).flatMap(([, element]) => (element === null ? [] : [element.add])),
      ]),
    })),
  ];
}

function anomalyUnless(fine: boolean, make: () => Anomaly): Anomaly[] {
  return fine ? [] : [make()];
}

/** Two readings of one backup that differ: its file, and the master that was restored from it. */
function restoredOtherwise(run: RecordedRun, contents: readonly Contents[]): Anomaly[] {
  const first = new Map<string, Contents>();
  for (const held of contents) {
    const known = first.get(held.backup);
    if (known === undefined) {
      first.set(held.backup, held);
      continue;
    }
    const differ = [
      ...[...known.paths].filter((path) => !held.paths.has(path)),
      ...[...held.paths].filter((path) => !known.paths.has(path)),
    ];
    if (differ.length === 0) continue;
    return [
      {
        name: 'restored-otherwise',
        guarantee: 'What is restored from a backup is what the backup holds.',
        explanation: `Backup ${held.backup}: ${known.read.invoke.f} ${placeOf(known.read)} and ${held.read.invoke.f} ${placeOf(held.read)} differ in ${listOf(differ)}.`,
        ...proofOf(run, [known.read, held.read]),
      },
    ];
  }
  return [];
}

/** Completed backups without a file, and more complete files than backups that may be complete. */
function wrongMarkers(
  run: RecordedRun,
  pairs: readonly OperationPair[],
  options: CheckOptions,
): Anomaly[] {
  const files = new Set(namesOption(options, 'files', ['backup-files']));
  const begins = new Set(namesOption(options, 'begins', ['backup']));
  const failed = namesOption(options, 'failed', ['Failed'])[0];
  const reports = new Set(namesOption(options, 'reports', ['backup', 'backup-status']));
  const read = pairs.findLast(
    ({ invoke, completion }) => files.has(invoke.f) && completion?.type === 'ok',
  );
  if (read === undefined) return [];
  const complete = listField(read, 'complete');
  const lost = snapshotsOf(run, pairs, options).find(
    ({ ended, name }) =>
      (ended.completion?.index ?? Infinity) < read.invoke.index && !complete.includes(name),
  );
  const last = new Map(jobReports(run.history, reports).map(({ id, state }) => [id, state]));
  const asked = pairs.filter(
    ({ invoke, completion }) => begins.has(invoke.f) && completion?.type !== 'fail',
  ).length;
  const ended = [...last.values()].filter((state) => state === failed).length;
  const markers = listField(read, 'markers').length;
  return [
    ...anomalyUnless(lost === undefined, () => ({
      name: 'completed-without-a-file',
      guarantee: 'The file of a completed backup is there, and marked complete.',
      explanation: `Backup ${lost?.id ?? ''} was told complete; ${textOf(lost?.name ?? null)} is not among the complete files (${placeOf(read)}).`,
      ...proofOf(run, lost === undefined ? [read] : [lost.ended, read]),
    })),
    ...anomalyUnless(markers <= asked - ended, () => ({
      name: 'failed-backup-marked-complete',
      guarantee: 'Only the file of a backup that did not fail is marked complete.',
      explanation: `${String(asked)} backups were asked for and ${String(ended)} failed; ${String(markers)} files are marked complete (${placeOf(read)}).`,
      ...proofOf(run, [read]),
    })),
  ];
}

function fieldOf({ completion }: OperationPair, name: string): Value {
  if (completion?.type !== 'ok' || !isRecord(completion.value)) return null;
  return completion.value[name] ?? null;
}

function textField(pair: OperationPair, name: string): string | null {
  const value = fieldOf(pair, name);
  return typeof value === 'string' ? value : null;
}

function listField(pair: OperationPair, name: string): readonly Value[] {
  const value = fieldOf(pair, name);
  return isList(value) ? value : [];
}
