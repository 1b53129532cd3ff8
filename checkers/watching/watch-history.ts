/** What watches were told, and what writers were told of revisions. See watch-streams.ts for the conventions. */
import type { Operation, Value } from '../../harness/operation.ts';
import { pairOperations } from '../operation-pairs.ts';
import type { OperationPair } from '../operation-pairs.ts';
import { malformed } from '../register-history.ts';
import { isList, isRecord } from '../value-text.ts';

/** One event of one key. */
export interface RevisionEvent {
  readonly revision: number;
  readonly key: string;
  /** Null for a delete. */
  readonly value: Value;
  readonly isDelete: boolean;
}

/** One watch, from when it was made (or resumed) until it ended. */
export interface WatchStream {
  readonly pair: OperationPair;
  /** The revision asked for; null: whatever came after it was made. */
  readonly from: number | null;
  readonly key: string | null;
  readonly prefix: string | null;
  readonly events: readonly RevisionEvent[];
  /** Told to be complete up to here; null: not told. */
  readonly to: number | null;
  /** The server gave it up, as revisions up to this one were gone. */
  readonly compacted: number | null;
}

/** An acknowledged write. Its key is null when it is not known. */
export interface RevisionedWrite {
  readonly pair: OperationPair;
  readonly revision: number;
  readonly key: string | null;
  readonly value: Value;
  readonly isDelete: boolean;
}

export interface WatchHistory {
  readonly streams: readonly WatchStream[];
  /** In order of invocation. */
  readonly writes: readonly RevisionedWrite[];
}

export interface WatchConventions {
  readonly watches: readonly string[];
  readonly writes: readonly string[];
  readonly deletes: readonly string[];
}

/** @throws TypeError for values that are not of the conventions, naming the history line. */
export function watchHistory(
  history: readonly Operation[],
  conventions: WatchConventions,
): WatchHistory {
  const watches = new Set(conventions.watches);
  const writes = new Set([...conventions.writes, ...conventions.deletes]);
  const deletes = new Set(conventions.deletes);
  const pairs = pairOperations(history);
  return {
    streams: pairs.flatMap((pair) => (watches.has(pair.invoke.f) ? (streamOf(pair) ?? []) : [])),
    writes: pairs.flatMap((pair) =>
      writes.has(pair.invoke.f) ? (writeOf(pair, deletes.has(pair.invoke.f)) ?? []) : [],
    ),
  };
}

function streamOf(pair: OperationPair): WatchStream | null {
  const { completion } = pair;
  if (completion === null || completion.type === 'fail') return null;
  const told = completion.value;
  // A watch with an unknown outcome may have been told nothing that was kept.
  if (completion.type === 'info' && (!isRecord(told) || told['revisions'] === undefined))
    return null;
  if (!isRecord(told)) throw malformed(completion, '{from, revisions: […]}');
  const revisions = told['revisions'];
  if (revisions === undefined || !isList(revisions)) {
    throw malformed(completion, 'revisions to be a list');
  }
  const resumed = numberOrNull(told, 'resumedFrom', completion);
  return {
    pair,
    from: numberOrNull(told, 'from', completion) ?? (resumed === null ? null : resumed + 1),
    key: nameOrNull(told['key']),
    prefix: nameOrNull(told['prefix']),
    events: revisions.map((event) => eventOf(event, completion)),
    to: numberOrNull(told, 'to', completion),
    compacted: numberOrNull(told, 'compacted', completion),
  };
}

function eventOf(event: Value, completion: Operation): RevisionEvent {
  const revision = isRecord(event) ? event['revision'] : undefined;
  const key = isRecord(event) ? event['key'] : undefined;
  if (!isRecord(event) || typeof revision !== 'number' || typeof key !== 'string') {
    throw malformed(completion, 'each of revisions to be {revision, key, value}');
  }
  const isDelete = event['type'] === 'delete';
  return { revision, key, value: isDelete ? null : (event['value'] ?? null), isDelete };
}

function writeOf({ invoke, completion }: OperationPair, isDelete: boolean): RevisionedWrite | null {
  if (completion?.type !== 'ok') return null;
  const answer = isList(completion.value) ? (completion.value[1] ?? null) : completion.value;
  if (!isRecord(answer) || answer['swapped'] === false) return null;
  const revision = answer['revision'];
  if (typeof revision !== 'number') return null;
  const pair = { invoke, completion };
  if (invoke.f === 'txn') return { pair, revision, key: null, value: null, isDelete: false };
  return { pair, revision, isDelete, ...askedOf(invoke.value, isDelete) };
}

function askedOf(asked: Value, isDelete: boolean): { key: string | null; value: Value } {
  if (isDelete && typeof asked === 'string') return { key: asked, value: null };
  const [key, value] = isList(asked)
    ? [asked[0], asked[1] ?? null]
    : isRecord(asked)
      ? [asked['key'], asked['value'] ?? null]
      : [undefined, null];
  if (typeof key !== 'string') return { key: null, value: null };
  return { key, value: isDelete ? null : swappedTo(value) };
}

/** A compare-and-set writes what it swaps to. */
function swappedTo(value: Value): Value {
  if (isRecord(value) && 'from' in value && 'to' in value) return value['to'] ?? null;
  return value;
}

function numberOrNull(
  told: { readonly [name: string]: Value },
  name: string,
  completion: Operation,
): number | null {
  const value = told[name] ?? null;
  if (value === null || typeof value === 'number') return value;
  throw malformed(completion, `${name} to be a revision`);
}

function nameOrNull(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null;
}
