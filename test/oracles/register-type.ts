/** Registers: read, write, and compare-and-set. */
import type { Value } from '../../harness/operation.ts';
import { pick, type Chance, type ExecutableType, type Request } from './executable-type.ts';

export interface RegisterShape {
  /** How many values there are besides null, or that every write writes one of its own. */
  readonly values: number | 'unique';
  /** Share of operations. The rest are reads. */
  readonly writes: number;
  readonly cas: number;
}

/** Registers by key; values are [key, …]. */
export function keyedRegisterOf(shape: RegisterShape): ExecutableType<ReadonlyMap<Value, Value>> {
  const one = registerOf(shape);
  const bare = ({ f, input }: Request): Request => ({ f, input: second(input) });
  return {
    name: 'cas-register',
    initial: new Map(),
    execute: (state, request) => {
      const key = first(request.input);
      const executed = one.execute(state.get(key) ?? one.initial, bare(request));
      return executed === null ? null : [new Map(state).set(key, executed[0]), [key, executed[1]]];
    },
    blind: ({ f }) => f === 'write',
    key: (state) => JSON.stringify([state.get('x') ?? null, state.get('y') ?? null]),
    draw: (chance, ordinal) => {
      const { f, input } = one.draw(chance, ordinal);
      return { f, input: [pick(chance, ['x', 'y']), input] };
    },
    lie: (chance, request, answer) =>
      request.f === 'write'
        ? answer
        : [first(request.input), one.lie(chance, bare(request), second(answer))],
  };
}

/** Reads return one of the last `versions` values. The state: those, the newest first. */
export function staleRegisterOf(
  shape: RegisterShape,
  versions: number,
): ExecutableType<readonly Value[]> {
  const one = registerOf(shape);
  const write = (state: readonly Value[], value: Value): readonly Value[] =>
    [value, ...state].slice(0, versions);
  return {
    name: 'stale register',
    initial: [null],
    execute: (state, { f, input }) =>
      f === 'read' ? [state, state.at(-1) ?? null] : [write(state, input), input],
    accept: (state, { f, input }, recorded) => {
      if (f === 'write') return write(state, input);
      return recorded === undefined || state.includes(recorded) ? state : undefined;
    },
    blind: ({ f }) => f === 'write',
    key: (state) => JSON.stringify(state),
    draw: (chance, ordinal) => one.draw(chance, ordinal),
    lie: (chance, request, answer) => one.lie(chance, request, answer),
  };
}

function first(value: Value): Value {
  return (value as readonly Value[])[0] ?? null;
}

function second(value: Value): Value {
  return (value as readonly Value[])[1] ?? null;
}

/** cas answers {swapped}. @param initial the value at the beginning. */
export function registerOf(shape: RegisterShape, initial: Value = null): ExecutableType<Value> {
  const value = (chance: Chance, ordinal: number): Value => {
    if (shape.values === 'unique') return ordinal + 1;
    const drawn = chance.below(shape.values + 1);
    return drawn === 0 ? null : drawn;
  };
  return {
    name: 'cas-register',
    initial,
    execute: executeRegister,
    blind: ({ f }) => f === 'write',
    key: (state) => (typeof state === 'number' ? state : -1),
    draw: (chance, ordinal) => {
      const share = chance.next();
      if (share < shape.writes) return { f: 'write', input: value(chance, ordinal) };
      if (share >= shape.writes + shape.cas) return { f: 'read', input: null };
      const from = shape.values === 'unique' ? chance.below(ordinal + 1) || null : value(chance, 0);
      return { f: 'cas', input: [from, value(chance, ordinal)] };
    },
    lie: (chance, { f }, answer) => {
      if (f === 'read') return pick(chance, [null, 1, 2, 3, 4, 5]);
      return f === 'cas' ? { swapped: chance.next() < 0.5 } : answer;
    },
  };
}

function executeRegister(state: Value, { f, input }: Request): readonly [Value, Value] {
  if (f === 'read') return [state, state];
  if (f === 'write') return [input, input];
  const [from, to] = input as readonly [Value, Value];
  return state === from ? [to, { swapped: true }] : [state, { swapped: false }];
}
