/**
 * Several registers that one operation reads and writes at once: any f (usually `txn`), value [[f, key, value], …] with f
 * `r` or `read`, `w` or `write`. A read of null fits absence only.
 */
import type { Value } from '../../../harness/operation.ts';
import { identityOf, isList, isRecord, textOf } from '../../value-text.ts';
import type { Model, ModelOperation } from '../model.ts';

/** Values by the text of their keys; what is not named is absent. */
export type Registers = Readonly<Record<string, Value>>;

/** @param initial values by key, or one value for all. Default: absent. */
export function multiRegisterModel(initial: Value = null): Model<Registers> {
  return {
    name: 'multi-register',
    init: () => initialRegisters(initial),
    step: (state, operation) => stepRegisters(state, operation, isRecord(initial) ? null : initial),
    key: identityOf,
    isRead: ({ input }) => microOperations(input).every(({ isWrite }) => !isWrite),
  };
}

function initialRegisters(initial: Value): Registers {
  if (!isRecord(initial)) return {};
  const entries = Object.entries(initial);
  return Object.fromEntries(entries.map(([key, value]) => [identityOf(key), value]));
}

function stepRegisters(
  state: Registers,
  { input, output }: ModelOperation,
  absent: Value,
): Registers | undefined {
  const isKnown = output !== undefined && output !== null;
  let after = state;
  for (const { isWrite, key, value } of microOperations(isKnown ? output : input)) {
    const present = Object.hasOwn(after, key) ? (after[key] ?? null) : absent;
    if (isWrite) after = { ...after, [key]: value };
    else if (isKnown && identityOf(value) !== identityOf(present)) return undefined;
  }
  return after;
}

interface MicroOperation {
  readonly isWrite: boolean;
  readonly key: string;
  readonly value: Value;
}

function microOperations(value: Value): MicroOperation[] {
  if (!isList(value)) throw new TypeError(`${textOf(value)}: expected a list [[f, key, value], …]`);
  return value.map((item) => {
    const [f, key, written] = isList(item) ? item : [];
    const isWrite = f === 'w' || f === 'write';
    if (!isWrite && f !== 'r' && f !== 'read') {
      throw new TypeError(`${textOf(item)}: expected ["r", key, value] or ["w", key, value]`);
    }
    return { isWrite, key: identityOf(key ?? null), value: written ?? null };
  });
}
