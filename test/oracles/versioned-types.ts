/** Registers and maps that count their changes. */
import type { Value } from '../../harness/operation.ts';
import { pick, type Chance, type ExecutableType, type Request } from './executable-type.ts';

interface Node {
  readonly value: Value;
  readonly version: number;
}

/** As a ZooKeeper node: create, set, write, delete, read. What it refuses is not executed. */
export const VERSIONED_REGISTER: ExecutableType<Node | null> = {
  name: 'versioned-register',
  initial: null,
  execute: (node, { f, input }) => {
    if (f === 'read')
      return [node, node === null ? null : { value: node.value, version: node.version }];
    const expected = versionOf(input);
    const value = plain(input);
    if (f === 'create') return node === null ? [{ value, version: 0 }, { version: 0 }] : null;
    if (node === null) {
      return f === 'write' && expected === null ? [{ value, version: 0 }, { version: 0 }] : null;
    }
    if (expected !== null && expected !== node.version) return null;
    if (f === 'delete') return [null, null];
    const version = node.version + 1;
    return [{ value, version }, { version }];
  },
  blind: ({ f }) => f === 'delete',
  // A change that is answered by nothing says nothing; a read that is, that there was none.
  agrees: (answer, recorded) =>
    recorded === null
      ? answer === null || fields(answer)['value'] === undefined
      : JSON.stringify(answer) === JSON.stringify(recorded),
  key: (node) => (node === null ? '' : `${String(node.version)} ${JSON.stringify(node.value)}`),
  draw: (chance) => {
    const f = pick(chance, ['read', 'read', 'create', 'set', 'set', 'write', 'delete']);
    if (f === 'read') return { f, input: null };
    const version = chance.next() < 0.5 ? {} : { version: chance.below(3) };
    if (f === 'delete') return { f, input: version };
    const value = 1 + chance.below(3);
    return { f, input: f === 'create' ? value : { value, ...version } };
  },
  lie: (chance, { f }, answer): Value => {
    if (f === 'delete') return answer;
    const version = chance.below(4);
    if (f !== 'read') return { version };
    return chance.next() < 0.3 ? null : { value: 1 + chance.below(3), version };
  },
};

function versionOf(input: Value): number | null {
  const { version = null } = fields(input);
  return typeof version === 'number' ? version : null;
}

function plain(input: Value): Value {
  return typeof input === 'object' && input !== null ? (fields(input)['value'] ?? null) : input;
}

function fields(value: Value): Readonly<Record<string, Value>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Value>>)
    : {};
}

/** Two registers that one operation reads and writes: [[f, key, value], …]. */
export const MULTI_REGISTER: ExecutableType<Readonly<Record<string, Value>>> = {
  name: 'multi-register',
  initial: {},
  execute: (state, { input }) => {
    const after: Record<string, Value> = { ...state };
    const answer = (input as readonly (readonly [string, string, Value])[]).map(
      ([f, key, value]) => {
        if (f === 'w') after[key] = value;
        return [f, key, after[key] ?? null];
      },
    );
    return [after, answer];
  },
  key: (state) => JSON.stringify([state['x'], state['y']]),
  draw: (chance) => {
    const micro = (): Value => {
      const key = pick(chance, ['x', 'y']);
      return chance.next() < 0.5 ? ['r', key, null] : ['w', key, 1 + chance.below(2)];
    };
    const input = Array.from({ length: 1 + chance.below(2) }, micro);
    return { f: 'txn', input };
  },
  lie: (chance, _request, answer) =>
    (answer as readonly (readonly [string, string, Value])[]).map(([f, key, value]) => [
      f,
      key,
      f === 'r' && chance.next() < 0.5 ? pick(chance, [null, 1, 2]) : value,
    ]),
};

interface Entry {
  readonly value: Value;
  readonly version: number;
  readonly createRevision: number;
  readonly modRevision: number;
}

interface Revisions {
  readonly revision: number;
  readonly entries: ReadonlyMap<string, Entry>;
}

/** As etcd: get, put, delete, txn, and one revision for all keys. */
export const REVISIONED_MAP: ExecutableType<Revisions> = {
  name: 'revisioned-map',
  initial: { revision: 1, entries: new Map() },
  execute: (state, { f, input }) => {
    if (f !== 'txn') {
      const [entries, answer] = apply(state.entries, state.revision + 1, f, fields(input));
      return conclude(state, entries, answer);
    }
    const { compare, then: met, else: unmet } = fields(input);
    const succeeded = (compare as readonly Value[]).every((one) =>
      holds(state.entries, fields(one)),
    );
    let entries = state.entries;
    const answers = ((succeeded ? met : unmet) as readonly Value[]).map((one) => {
      const [after, answer] = apply(
        entries,
        state.revision + 1,
        fields(one)['f'] as string,
        fields(one),
      );
      entries = after;
      return answer;
    });
    return conclude(state, entries, { succeeded, answers });
  },
  agrees: (answer, recorded) => agreesWhereTold(fields(answer), fields(recorded)),
  key: ({ revision, entries }) =>
    `${String(revision)} ${[...entries]
      .map(([key, entry]) => key + JSON.stringify(entry))
      .sort()
      .join(' ')}`,
  draw: drawRevisioned,
  lie: (chance, { f }, answer): Value => {
    const told = fields(answer);
    const revision = chance.next() < 0.5 ? 1 + chance.below(4) : (told['revision'] ?? null);
    if (f === 'txn') return { ...told, revision, succeeded: chance.next() < 0.5 };
    if (f !== 'get') return { ...told, revision };
    return { ...told, revision, value: pick<Value>(chance, [told['value'] ?? null, 1, 2]) };
  },
};

type Fields = Readonly<Record<string, Value>>;

/** What a recorded answer does not name is not compared. */
function agreesWhereTold(answer: Fields, recorded: Fields): boolean {
  return Object.entries(recorded).every(([name, told]) => {
    const found = answer[name];
    if (name === 'revision' && told === null) return true;
    if (!Array.isArray(told) || !Array.isArray(found)) return found === undefined || found === told;
    return found.every((one, at) =>
      agreesWhereTold(fields(one as Value), fields((told[at] ?? {}) as Value)),
    );
  });
}

function conclude(
  before: Revisions,
  entries: ReadonlyMap<string, Entry>,
  answer: Fields,
): readonly [Revisions, Value] {
  const revision = entries === before.entries ? before.revision : before.revision + 1;
  return [
    { revision, entries },
    { ...answer, revision },
  ];
}

function apply(
  entries: ReadonlyMap<string, Entry>,
  next: number,
  f: string,
  { key, value = null }: Fields,
): readonly [ReadonlyMap<string, Entry>, Fields] {
  const name = key as string;
  const entry = entries.get(name);
  if (f === 'get') {
    const none = { value: null, version: 0, createRevision: 0, modRevision: 0 };
    return [entries, { ...(entry ?? none) }];
  }
  if (f === 'put') {
    const createRevision = entry?.createRevision ?? next;
    const made = { value, version: (entry?.version ?? 0) + 1, createRevision, modRevision: next };
    return [new Map(entries).set(name, made), {}];
  }
  if (entry === undefined) return [entries, { deleted: 0 }];
  const after = new Map(entries);
  after.delete(name);
  return [after, { deleted: 1 }];
}

function holds(
  entries: ReadonlyMap<string, Entry>,
  { key, target, is, to = null }: Fields,
): boolean {
  const entry = entries.get(key as string);
  if (target === 'value' && entry === undefined) return false;
  const found = entry?.[target as keyof Entry] ?? 0;
  if (is === '=') return found === to;
  if (is === '!=') return found !== to;
  return is === '<' ? (found as number) < (to as number) : (found as number) > (to as number);
}

function drawRevisioned(chance: Chance): Request {
  const f = pick(chance, ['get', 'get', 'put', 'put', 'delete', 'txn', 'txn']);
  if (f !== 'txn') return { f, input: drawPlain(chance, f) };
  const inner = (): Value => {
    const one = pick(chance, ['get', 'put', 'delete']);
    return { f: one, ...drawPlain(chance, one) };
  };
  const compare = {
    key: pick(chance, ['x', 'y']),
    target: pick(chance, ['value', 'version', 'createRevision', 'modRevision']),
    is: pick(chance, ['=', '=', '!=', '<', '>']),
    to: chance.below(3),
  };
  return {
    f,
    input: { compare: [compare], then: [inner()], else: chance.next() < 0.5 ? [] : [inner()] },
  };
}

function drawPlain(chance: Chance, f: string): Fields {
  const key = pick(chance, ['x', 'x', 'y']);
  return f === 'put' ? { key, value: 1 + chance.below(2) } : { key };
}
