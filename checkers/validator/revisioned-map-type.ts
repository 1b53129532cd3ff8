/** A map with one revision for all keys, and transactions, as etcd's. */
import type { Value } from '../../harness/operation.ts';
import { identityOf, isList, isRecord } from '../value-text.ts';
import type { SequentialType } from './sequential-type.ts';

type Fields = Readonly<Record<string, Value>>;

interface Entry {
  readonly value: Value;
  readonly version: number;
  readonly createRevision: number;
  readonly modRevision: number;
}

interface Revisions {
  readonly revision: number;
  readonly entries: Readonly<Record<string, Entry>>;
}

const ABSENT: Entry = { value: null, version: 0, createRevision: 0, modRevision: 0 };

export const REVISIONED_MAP_TYPE: SequentialType<Revisions> = {
  initial: ({ initial }) => ({ revision: typeof initial === 'number' ? initial : 1, entries: {} }),
  step: (state, { f, input, output }) => {
    const entries: Record<string, Entry> = { ...state.entries };
    const request = fieldsOf(input);
    const answer = fieldsOf(output ?? null);
    const execution = { entries, next: state.revision + 1, changed: false };
    const fits =
      f === 'txn'
        ? transact(execution, request, answer)
        : apply(execution, { ...request, f }, answer);
    if (!fits) return undefined;
    const revision = execution.changed ? execution.next : state.revision;
    return isTold(answer['revision'], revision) ? { revision, entries } : undefined;
  },
  key: ({ revision, entries }) => {
    const names = Object.keys(entries).sort();
    return `${String(revision)} ${JSON.stringify(names.map((name) => [name, entries[name]]))}`;
  },
  reads: ({ f, input }) => {
    if (f !== 'txn') return f === 'get';
    const branches = [...listOf(fieldsOf(input)['then']), ...listOf(fieldsOf(input)['else'])];
    return branches.every((one) => fieldsOf(one)['f'] === 'get');
  },
};

interface Execution {
  readonly entries: Record<string, Entry>;
  readonly next: number;
  changed: boolean;
}

function transact(execution: Execution, request: Fields, answer: Fields): boolean {
  const succeeded = listOf(request['compare']).every((one) =>
    holds(execution.entries, fieldsOf(one)),
  );
  if (!isTold(answer['succeeded'], succeeded)) return false;
  const answers = listOf(answer['answers']);
  return listOf(request[succeeded ? 'then' : 'else']).every((one, at) =>
    apply(execution, fieldsOf(one), fieldsOf(answers[at] ?? null)),
  );
}

function apply(
  execution: Execution,
  { f, key = null, value = null }: Fields,
  answer: Fields,
): boolean {
  const { entries, next } = execution;
  const name = identityOf(key);
  const entry = entries[name];
  if (f === 'get') {
    const found: Fields = { ...(entry ?? ABSENT) };
    // Of an absent entry nothing is told but that there is none.
    if (entry === undefined) return !('value' in answer) || answer['value'] === null;
    // Null is the value absent, never a wildcard; a number that is null is not told.
    if (answer['value'] === null && entry.value !== null) return false;
    return Object.keys(found).every((field) => isTold(answer[field], found[field] ?? null));
  }
  if (f === 'put') {
    const createRevision = entry?.createRevision ?? next;
    entries[name] = {
      value,
      version: (entry?.version ?? 0) + 1,
      createRevision,
      modRevision: next,
    };
    execution.changed = true;
    return true;
  }
  if (entry !== undefined) {
    Reflect.deleteProperty(entries, name);
    execution.changed = true;
  }
  return isTold(answer['deleted'], entry === undefined ? 0 : 1);
}

function holds(entries: Readonly<Record<string, Entry>>, comparison: Fields): boolean {
  const { key = null, target, is = '=', to = null } = comparison;
  const entry = entries[identityOf(key)];
  if (target === 'value' && entry === undefined) return false;
  const found = { ...(entry ?? ABSENT) }[target as keyof Entry];
  const same = identityOf(found) === identityOf(to);
  if (is === '=') return same;
  if (is === '!=') return !same;
  const [low, high] = is === '<' ? [found, to] : [to, found];
  return low !== null && high !== null && low < high;
}

function isTold(told: Value | undefined, truth: Value): boolean {
  return told === undefined || told === null || identityOf(told) === identityOf(truth);
}

function fieldsOf(value: Value): Fields {
  return isRecord(value) ? value : {};
}

function listOf(value: Value | undefined): readonly Value[] {
  return value !== undefined && isList(value) ? value : [];
}
