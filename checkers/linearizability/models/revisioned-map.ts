/**
 * A map with one revision for all its keys and transactions, as etcd's. Never partitioned: the revision spans the keys.
 *
 * - `get` {key} → {value, version, createRevision, modRevision}, value null when it is absent
 * - `put` {key, value} → {}
 * - `delete` {key} → {deleted: 0 or 1}
 * - `txn` {compare, then, else} → {succeeded, answers}: `compare` is a list of {key, target, is, to} with target `value`,
 *   `version`, `createRevision` or `modRevision` and is `=`, `!=`, `<` or `>`; `then` and `else` are lists of {f, key, …}
 *
 * Each may complete with {revision}, the map's after it. What an answer does not name is not compared. A change raises
 * the revision by one, a transaction at most once.
 */
import type { Value } from '../../../harness/operation.ts';
import { identityOf, isList, isRecord, textOf } from '../../value-text.ts';
import type { Model, ModelOperation } from '../model.ts';

export interface Entry {
  readonly value: Value;
  /** Changes since it was created, from 1. */
  readonly version: number;
  readonly createRevision: number;
  readonly modRevision: number;
}

export interface RevisionedMap {
  readonly revision: number;
  readonly entries: ReadonlyMap<string, Entry>;
}

/** A fresh etcd's. */
const FIRST_REVISION = 1;

/** @param initial the revision at the beginning, of an empty map. Default: 1. */
export function revisionedMapModel(initial = FIRST_REVISION): Model<RevisionedMap> {
  return {
    name: 'revisioned-map',
    init: () => ({ revision: initial, entries: new Map() }),
    step: stepMap,
    key: keyOf,
    isRead: ({ f, input }) => f === 'get' || (f === 'txn' && !changes(input)),
    describeState: ({ revision, entries }) =>
      `revision ${String(revision)}, ${[...entries].map(([key, { value }]) => `${key}: ${textOf(value)}`).join(', ')}`,
  };
}

type Fields = Readonly<Record<string, Value>>;

function stepMap(
  state: RevisionedMap,
  { f, input, output }: ModelOperation,
): RevisionedMap | undefined {
  const request = { ...fieldsOf(input), f };
  const answer = output === undefined || output === null ? {} : fieldsOf(output);
  const draft = new Draft(state);
  const fits = f === 'txn' ? draft.transact(request, answer) : draft.apply(request, answer);
  if (!fits) return undefined;
  const after = draft.result();
  const revision = answer['revision'] ?? null;
  return revision === null || revision === after.revision ? after : undefined;
}

/** A state while one operation changes it. */
class Draft {
  private readonly before: RevisionedMap;
  private entries: Map<string, Entry> | null = null;

  constructor(before: RevisionedMap) {
    this.before = before;
  }

  /** Applies get, put or delete; false when it cannot have this answer. */
  apply(request: Fields, answer: Fields): boolean {
    const key = identityOf(request['key'] ?? null);
    const entry = (this.entries ?? this.before.entries).get(key);
    switch (request['f']) {
      case 'get':
        return entryFits(entry, answer);
      case 'put':
        this.put(key, entry, request['value'] ?? null);
        return true;
      case 'delete':
        if (entry !== undefined) this.change().delete(key);
        return unnamedOrEqual(answer['deleted'], entry === undefined ? 0 : 1);
      default:
        throw new TypeError(
          `${textOf(request['f'] ?? null)}: expected get, put, delete or, outside of one, txn`,
        );
    }
  }

  transact(request: Fields, answer: Fields): boolean {
    const succeeded = listIn(request, 'compare').every((comparison) => this.compare(comparison));
    if (!unnamedOrEqual(answer['succeeded'], succeeded)) return false;
    const answers = listIn(answer, 'answers');
    return listIn(request, succeeded ? 'then' : 'else').every((operation, i) =>
      this.apply(operation, answers[i] ?? {}),
    );
  }

  result(): RevisionedMap {
    if (this.entries === null) return this.before;
    return { revision: this.before.revision + 1, entries: this.entries };
  }

  private put(key: string, entry: Entry | undefined, value: Value): void {
    const modRevision = this.before.revision + 1;
    const version = (entry?.version ?? 0) + 1;
    const createRevision = entry?.createRevision ?? modRevision;
    this.change().set(key, { value, version, createRevision, modRevision });
  }

  private change(): Map<string, Entry> {
    return (this.entries ??= new Map(this.before.entries));
  }

  /** An absent key has version and revisions 0, and fits no comparison of values. */
  private compare({ key, target, is, to }: Fields): boolean {
    const entry = this.before.entries.get(identityOf(key ?? null));
    const wanted = to ?? null;
    if (target === 'value') {
      return entry !== undefined && compareValues(entry.value, is ?? '=', wanted);
    }
    if (target === 'version' || target === 'createRevision' || target === 'modRevision') {
      return compareValues(entry?.[target] ?? 0, is ?? '=', wanted);
    }
    throw new TypeError(
      `target ${textOf(target ?? null)}: expected value, version, createRevision or modRevision`,
    );
  }
}

function compareValues(present: Value, is: Value, wanted: Value): boolean {
  switch (is) {
    case '=':
      return identityOf(present) === identityOf(wanted);
    case '!=':
      return identityOf(present) !== identityOf(wanted);
    case '<':
      return isBelow(present, wanted);
    case '>':
      return isBelow(wanted, present);
    default:
      throw new TypeError(`comparison ${textOf(is)}: expected =, !=, < or >`);
  }
}

function isBelow(a: Value, b: Value): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b;
  if (typeof a === 'string' && typeof b === 'string') return a < b;
  throw new TypeError(
    `${textOf(a)} and ${textOf(b)}: expected two numbers or two texts to compare`,
  );
}

function entryFits(entry: Entry | undefined, answer: Fields): boolean {
  const absent = { value: null, version: 0, createRevision: 0, modRevision: 0 };
  const { value, version, createRevision, modRevision } = entry ?? absent;
  return (
    unnamedOrEqual(answer['value'], value) &&
    unnamedOrEqual(answer['version'], version) &&
    unnamedOrEqual(answer['createRevision'], createRevision) &&
    unnamedOrEqual(answer['modRevision'], modRevision)
  );
}

function unnamedOrEqual(told: Value | undefined, actual: Value): boolean {
  return told === undefined || identityOf(told) === identityOf(actual);
}

function fieldsOf(value: Value): Fields {
  if (isRecord(value)) return value;
  throw new TypeError(`${textOf(value)}: expected {key, …}`);
}

function listIn(fields: Fields, name: string): readonly Fields[] {
  const list = fields[name] ?? [];
  if (!isList(list)) throw new TypeError(`${name} ${textOf(list)}: expected a list`);
  return list.map((item) => fieldsOf(item));
}

function changes(input: Value): boolean {
  const request = fieldsOf(input);
  const all = [...listIn(request, 'then'), ...listIn(request, 'else')];
  return all.some(({ f }) => f !== 'get');
}

function keyOf({ revision, entries }: RevisionedMap): string {
  const texts = [...entries].map(
    ([key, entry]) =>
      `${key}=${identityOf(entry.value)} ${String(entry.version)} ${String(entry.createRevision)} ${String(entry.modRevision)}`,
  );
  return `${String(revision)} ${texts.sort().join(' ')}`;
}
