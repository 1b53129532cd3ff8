/**
 * Locks. `mutex`: `acquire` when it is free, `release` when it is held, by whomever; a holder that crashed may have
 * released or not. `fenced-lock`: `acquire` completes with a token that is greater than all before it; a `release` may
 * name the token it gives back.
 */
import type { Value } from '../../../harness/operation.ts';
import { isRecord, textOf } from '../../value-text.ts';
import type { Model, ModelOperation } from '../model.ts';

export const mutexModel: Model<boolean> = {
  name: 'mutex',
  init: () => false,
  step: (held, { f }) => {
    if (f === 'acquire') return held ? undefined : true;
    if (f === 'release') return held ? false : undefined;
    throw unknownFunction(f);
  },
  key: (held) => (held ? 1 : 0),
  describe: ({ f, output }) => (output === undefined ? `${f}, not known to have happened` : f),
  describeState: (held) => (held ? 'held' : 'free'),
};

export interface FencedLock {
  readonly held: boolean;
  /** The last token that was told. */
  readonly token: number;
  /** Whether it is the holder's: not when an acquire never answered. */
  readonly known: boolean;
}

export const fencedLockModel: Model<FencedLock> = {
  name: 'fenced-lock',
  init: () => ({ held: false, token: -Infinity, known: true }),
  step: stepFencedLock,
  key: ({ held, token, known }) => `${held ? 'h' : 'f'}${known ? '' : '>'}${String(token)}`,
  describeState: ({ held, token }) =>
    `${held ? 'held' : 'free'}, last token ${token === -Infinity ? 'none' : String(token)}`,
};

function stepFencedLock(
  { held, token, known }: FencedLock,
  { f, input, output }: ModelOperation,
): FencedLock | undefined {
  if (f === 'acquire') {
    if (held) return undefined;
    const given = output === undefined ? null : tokenIn(output);
    if (given === null) return { held: true, token, known: false };
    return given > token ? { held: true, token: given, known: true } : undefined;
  }
  if (f !== 'release') throw unknownFunction(f);
  if (!held) return undefined;
  const back = tokenIn(input);
  if (back === null) return { held: false, token, known: true };
  if (known ? back !== token : back <= token) return undefined;
  return { held: false, token: back, known: true };
}

/** A token: a number, alone or as {token}; null where none is told. */
function tokenIn(value: Value): number | null {
  if (typeof value === 'number' || value === null) return value;
  const token = isRecord(value) ? value['token'] : undefined;
  if (typeof token === 'number') return token;
  if (token === undefined && isRecord(value)) return null;
  throw new TypeError(`${textOf(value)}: expected a token, a number`);
}

function unknownFunction(f: string): TypeError {
  return new TypeError(`${f}: expected acquire or release`);
}
