/** Counters, sets, queues, lists, maps of text. */
import type { Value } from '../../harness/operation.ts';
import { pick, type Chance, type ExecutableType, type Request } from './executable-type.ts';

/** add, read, add-and-get, get-and-add. */
export const COUNTER: ExecutableType<number> = {
  name: 'linearizable-counter',
  initial: 0,
  execute: (state, { f, input }) => {
    if (f === 'read') return [state, state];
    const after = state + (input as number);
    return [after, f === 'add' ? null : f === 'add-and-get' ? after : state];
  },
  blind: ({ f }) => f === 'add',
  key: (state) => state,
  draw: (chance) => {
    const f = pick(chance, ['read', 'read', 'add', 'add', 'add-and-get', 'get-and-add']);
    return { f, input: f === 'read' ? null : pick(chance, [1, 1, 2, -1]) };
  },
  lie: (chance, { f }, answer) =>
    f === 'add' ? answer : (answer as number) + pick(chance, [-2, -1, 1, 2]),
};

/** add, remove, contains, and with `whole` reads of all elements. */
export function setType(whole: boolean): ExecutableType<readonly number[]> {
  return {
    name: 'linearizable-set',
    initial: [],
    execute: (state, { f, input }) => {
      if (f === 'read') return [state, state];
      const element = input as number;
      const present = state.includes(element);
      if (f === 'contains') return [state, present];
      const after = state.filter((one) => one !== element);
      if (f === 'add') after.push(element);
      return [after, { changed: present !== (f === 'add') }];
    },
    agrees: (answer, recorded) => {
      if (!Array.isArray(answer))
        return recorded === null || JSON.stringify(answer) === JSON.stringify(recorded);
      const elements = new Set(recorded as readonly number[]);
      return elements.size === answer.length && answer.every((one) => elements.has(one as number));
    },
    key: (state) => [...state].sort().join(),
    draw: (chance) => {
      const f = pick(chance, ['add', 'add', 'remove', 'contains', whole ? 'read' : 'contains']);
      return { f, input: f === 'read' ? null : 1 + chance.below(3) };
    },
    lie: (chance, { f }, answer) => {
      if (f === 'contains') return chance.next() < 0.5;
      if (f === 'read') return [1, 2, 3].filter(() => chance.next() < 0.5);
      return pick<Value>(chance, [null, answer, { changed: chance.next() < 0.5 }]);
    },
  };
}

/** enqueue, dequeue; null when it is empty. */
export function queueType(unique: boolean): ExecutableType<readonly number[]> {
  return {
    name: 'fifo-queue',
    initial: [],
    execute: (state, { f, input }) =>
      f === 'enqueue' ? [[...state, input as number], null] : [state.slice(1), state[0] ?? null],
    blind: ({ f }) => f === 'enqueue',
    agrees: (answer, recorded) => answer === recorded,
    key: (state) => state.join(),
    draw: (chance, ordinal) =>
      chance.next() < 0.5
        ? { f: 'enqueue', input: unique ? ordinal + 1 : 1 + chance.below(3) }
        : { f: 'dequeue', input: null },
    lie: (chance, { f }, answer) => (f === 'enqueue' ? answer : pick(chance, [null, 1, 2, 3, 4])),
  };
}

/** append, read. */
export const APPEND_LIST: ExecutableType<readonly number[]> = {
  name: 'append-list',
  initial: [],
  execute: (state, { f, input }) =>
    f === 'append' ? [[...state, input as number], null] : [state, state],
  blind: ({ f }) => f === 'append',
  key: (state) => state.join(),
  draw: (chance, ordinal) =>
    chance.next() < 0.5
      ? { f: 'append', input: chance.next() < 0.8 ? ordinal + 1 : 1 }
      : { f: 'read', input: null },
  lie: (chance, { f }, answer) => {
    const list = answer as readonly number[];
    if (f === 'append') return answer;
    return chance.next() < 0.5 ? list.slice(0, -1) : [...list, 1 + chance.below(5)];
  },
};

/** get, put, append, delete, cas of [key, …]; an absent key holds ''. */
export const KEY_VALUE: ExecutableType<ReadonlyMap<Value, string>> = {
  name: 'kv',
  initial: new Map(),
  execute: (state, { f, input }) => {
    const [key, argument] = input as readonly [Value, Value];
    const text = state.get(key) ?? '';
    const holding = (next: Value): ReadonlyMap<Value, string> =>
      new Map(state).set(key, typeof next === 'string' ? next : '');
    if (f === 'get') return [state, [key, text]];
    if (f === 'put') return [holding(argument), [key, argument]];
    if (f === 'append') return [holding(text + (argument as string)), [key, argument]];
    if (f === 'delete') return [holding(''), [key, null]];
    const [from, to] = argument as readonly [string, string];
    return text === from
      ? [holding(to), [key, { swapped: true }]]
      : [state, [key, { swapped: false }]];
  },
  blind: ({ f }) => f !== 'get' && f !== 'cas',
  agrees: (answer, recorded) =>
    sameAnswer(answer as readonly Value[], recorded as readonly Value[]),
  key: (state) =>
    [...state]
      .map(([key, text]) => `${JSON.stringify(key)}=${text}`)
      .sort()
      .join(';'),
  draw: drawKeyValue,
  lie: (chance, { f, input }, answer) => {
    const [key] = input as readonly [Value];
    if (f === 'cas') return [key ?? null, { swapped: chance.next() < 0.5 }];
    if (f !== 'get') return answer;
    return [key ?? null, pick(chance, ['', 'a', 'b', 'ab', 'ba', 'aa', 'abb'])];
  },
};

function sameAnswer([key, answer]: readonly Value[], [other, recorded]: readonly Value[]): boolean {
  return key === other && JSON.stringify(answer ?? '') === JSON.stringify(recorded ?? '');
}

function drawKeyValue(chance: Chance): Request {
  const f = pick(chance, ['get', 'get', 'get', 'put', 'append', 'append', 'cas', 'delete']);
  const key = pick(chance, ['x', 'x', 'y']);
  const text = (): string => pick(chance, ['a', 'b']);
  if (f === 'get' || f === 'delete') return { f, input: [key, null] };
  if (f === 'cas') return { f, input: [key, [pick(chance, ['', 'a', 'b', 'ab']), text()]] };
  return { f, input: [key, text()] };
}
