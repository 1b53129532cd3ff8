/** The requests that workloads use, typed: range, put, transactions, status. */
import { decodeBytes, encodeBytes, prefixRange } from './encoding.ts';
import type { Gateway } from './gateway.ts';

/** A key with its value and the revision of its last change. */
export interface Entry {
  readonly key: string;
  readonly value: string;
  readonly modRevision: number;
}

export interface RangeAnswer {
  /** The store's revision at the member that answered. */
  readonly revision: number;
  readonly entries: readonly Entry[];
}

/** A condition of a transaction, in the gateway's own words. */
export type Compare = Readonly<Record<string, string>>;

export interface WriteAnswer {
  /** Whether all compares held. */
  readonly succeeded: boolean;
  /** The store's revision after it; that of the write, where it was made. */
  readonly revision: number;
}

export interface StatusAnswer {
  readonly memberId: string;
  /** The member it takes for leader; null when it knows none. */
  readonly leaderId: string | null;
  readonly raftTerm: number;
  readonly raftIndex: number;
  readonly learner: boolean;
  /** Of its data: `3.6.0`; null before 3.6, which does not tell. */
  readonly storageVersion: string | null;
}

interface Header {
  readonly revision?: string;
  readonly member_id?: string;
}
interface RawRange {
  readonly header?: Header;
  readonly kvs?: readonly { key: string; value?: string; mod_revision?: string }[];
}
interface RawStatus {
  readonly header?: Header;
  readonly leader?: string;
  readonly raftTerm?: string;
  readonly raftIndex?: string;
  readonly isLearner?: boolean;
  readonly storageVersion?: string;
}

/** Linearizable: the member confirms its place with a quorum first. */
export const LINEARIZABLE = {} as const;
/** From the member's own store, which may be behind. */
export const SERIALIZABLE = { serializable: true } as const;

export type Consistency = typeof LINEARIZABLE | typeof SERIALIZABLE;

export async function readKey(
  gateway: Gateway,
  key: string,
  consistency: Consistency = LINEARIZABLE,
): Promise<{ readonly revision: number; readonly entry: Entry | null }> {
  const body = { key: encodeBytes(key), ...consistency };
  const { revision, entries } = rangeAnswer(await gateway.post<RawRange>('/v3/kv/range', body));
  return { revision, entry: entries[0] ?? null };
}

/** Keys as they all are at one moment: one transaction that only reads. A key that does not exist is null. */
export async function readKeys(
  gateway: Gateway,
  keys: readonly string[],
  consistency: Consistency = LINEARIZABLE,
): Promise<ReadonlyMap<string, Entry | null>> {
  const success = keys.map((key) => ({
    request_range: { key: encodeBytes(key), ...consistency },
  }));
  const answer = await gateway.post<{ responses?: readonly { response_range?: RawRange }[] }>(
    '/v3/kv/txn',
    { success },
  );
  const ranges = answer.responses ?? [];
  if (ranges.length !== keys.length) {
    throw new TypeError(`asked for ${keys.length} keys, got ${ranges.length} answers`);
  }
  return new Map(
    keys.map((key, index) => {
      const { entries } = rangeAnswer(ranges[index]?.response_range ?? {});
      return [key, entries[0] ?? null];
    }),
  );
}

export async function readPrefix(
  gateway: Gateway,
  prefix: string,
  consistency: Consistency = LINEARIZABLE,
): Promise<RangeAnswer> {
  const body = { ...prefixRange(prefix), ...consistency };
  return rangeAnswer(await gateway.post<RawRange>('/v3/kv/range', body));
}

function rangeAnswer(raw: RawRange): RangeAnswer {
  const entries = (raw.kvs ?? []).map((entry) => ({
    key: decodeBytes(entry.key),
    value: decodeBytes(entry.value),
    modRevision: Number(entry.mod_revision ?? 0),
  }));
  return { revision: Number(raw.header?.revision ?? 0), entries };
}

export async function putKey(gateway: Gateway, key: string, value: string): Promise<number> {
  const body = { key: encodeBytes(key), value: encodeBytes(value) };
  const answer = await gateway.post<{ header?: Header }>('/v3/kv/put', body);
  return Number(answer.header?.revision ?? 0);
}

/**
 * Removes what no one needs who looks at this revision or later; answered when it is gone.
 * @throws DefiniteError for a revision that is not reached yet, or compacted already.
 */
export async function compact(gateway: Gateway, revision: number): Promise<void> {
  await gateway.post('/v3/kv/compaction', { revision: String(revision), physical: true });
}

/** Whether there was anything to delete, and the store's revision after it. */
export async function deleteKey(
  gateway: Gateway,
  key: string,
): Promise<{ readonly deleted: boolean; readonly revision: number }> {
  const body = { key: encodeBytes(key) };
  const answer = await gateway.post<{ header?: Header; deleted?: string }>(
    '/v3/kv/deleterange',
    body,
  );
  return {
    deleted: Number(answer.deleted ?? 0) > 0,
    revision: Number(answer.header?.revision ?? 0),
  };
}

/** Puts if all compares hold, in one transaction. */
export function putIf(
  gateway: Gateway,
  compare: readonly Compare[],
  key: string,
  value: string,
): Promise<WriteAnswer> {
  return writeIf(gateway, compare, new Map([[key, value]]));
}

/** Puts all these values if all compares hold, in one transaction. */
export async function writeIf(
  gateway: Gateway,
  compare: readonly Compare[],
  values: ReadonlyMap<string, string>,
): Promise<WriteAnswer> {
  const success = [...values].map(([key, value]) => ({
    request_put: { key: encodeBytes(key), value: encodeBytes(value) },
  }));
  const answer = await gateway.post<{ header?: Header; succeeded?: boolean }>('/v3/kv/txn', {
    compare,
    success,
  });
  return {
    succeeded: answer.succeeded === true,
    revision: Number(answer.header?.revision ?? 0),
  };
}

/** "The key exists and has this value." */
export function hasValue(key: string, value: string): Compare {
  return { key: encodeBytes(key), target: 'VALUE', result: 'EQUAL', value: encodeBytes(value) };
}

/** "The key was last changed at this revision"; 0: it does not exist. */
export function unchanged(key: string, modRevision: number): Compare {
  return {
    key: encodeBytes(key),
    target: 'MOD',
    result: 'EQUAL',
    mod_revision: String(modRevision),
  };
}

/** "Every key with this prefix exists", which holds by itself: work for the member while it applies, nothing more. */
export function allExist(prefix: string): Compare {
  return { ...prefixRange(prefix), target: 'CREATE', result: 'GREATER', create_revision: '0' };
}

/** What a member says of itself, without a quorum. */
export async function readStatus(gateway: Gateway): Promise<StatusAnswer> {
  const raw = await gateway.post<RawStatus>('/v3/maintenance/status', {});
  return {
    memberId: raw.header?.member_id ?? '0',
    leaderId: raw.leader ?? null,
    raftTerm: Number(raw.raftTerm ?? 0),
    raftIndex: Number(raw.raftIndex ?? 0),
    learner: raw.isLearner === true,
    storageVersion: raw.storageVersion ?? null,
  };
}
