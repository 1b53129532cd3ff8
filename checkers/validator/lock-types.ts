/** Locks. */
import type { Value } from '../../harness/operation.ts';
import { isRecord } from '../value-text.ts';
import type { SequentialType } from './sequential-type.ts';

export const MUTEX_TYPE: SequentialType<boolean> = {
  initial: () => false,
  step: (held, { f }) => (held === (f === 'release') ? !held : undefined),
  key: String,
  reads: () => false,
};

interface Fence {
  readonly held: boolean;
  /** No token given so far is above it, but for the holder's where that was not told. */
  readonly last: number;
  readonly told: boolean;
}

export const FENCED_LOCK_TYPE: SequentialType<Fence> = {
  initial: () => ({ held: false, last: -Infinity, told: true }),
  step: ({ held, last, told }, { f, input, output }) => {
    if (held !== (f === 'release')) return undefined;
    if (f === 'acquire') {
      const token = tokenOf(output ?? null);
      if (token === undefined) return { held: true, last, told: false };
      return token > last ? { held: true, last: token, told: true } : undefined;
    }
    const back = tokenOf(input);
    if (back === undefined) return { held: false, last, told: true };
    if (told) return back === last ? { held: false, last, told } : undefined;
    return back > last ? { held: false, last: back, told: true } : undefined;
  },
  key: ({ held, last, told }) => `${String(held)} ${String(last)} ${String(told)}`,
  reads: () => false,
};

function tokenOf(value: Value): number | undefined {
  const token = isRecord(value) ? value['token'] : value;
  return typeof token === 'number' ? token : undefined;
}
