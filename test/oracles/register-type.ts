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

/** Null at the beginning. cas answers {swapped}. */
export function registerOf(shape: RegisterShape): ExecutableType<Value> {
  const value = (chance: Chance, ordinal: number): Value => {
    if (shape.values === 'unique') return ordinal + 1;
    const drawn = chance.below(shape.values + 1);
    return drawn === 0 ? null : drawn;
  };
  return {
    name: 'cas-register',
    initial: null,
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
