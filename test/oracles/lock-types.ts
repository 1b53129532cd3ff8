/** Locks. */
import type { Value } from '../../harness/operation.ts';
import { pick, type ExecutableType } from './executable-type.ts';

/** acquire when free, release when held. */
export const MUTEX: ExecutableType<boolean> = {
  name: 'mutex',
  initial: false,
  execute: (held, { f }) => (held === (f === 'release') ? [!held, null] : null),
  blind: () => true,
  key: (held) => (held ? 1 : 0),
  draw: (chance) => ({ f: pick(chance, ['acquire', 'release']), input: null }),
  lie: (_chance, _request, answer) => answer,
};

interface Fence {
  readonly held: boolean;
  /** Tokens that were given are not above this, but for the holder's where that is not known. */
  readonly last: number;
  /** The holder's token; null when nobody was told it. */
  readonly token: number | null;
}

/** acquire answers with a token above all before it; release may name the token it gives back. */
export const FENCED_LOCK: ExecutableType<Fence> = {
  name: 'fenced-lock',
  initial: { held: false, last: -Infinity, token: null },
  execute: ({ held, last, token }, { f, input }) => {
    if (f === 'acquire') {
      const next = Math.max(0, last) + 1;
      return held ? null : [{ held: true, last: next, token: next }, next];
    }
    if (!held || (input !== null && input !== token)) return null;
    return [{ held: false, last, token: null }, null];
  },
  accept: ({ held, last, token }, { f, input }, recorded) => {
    if (f === 'acquire') {
      if (held) return undefined;
      if (typeof recorded !== 'number') return { held: true, last, token: null };
      return recorded > last ? { held: true, last: recorded, token: recorded } : undefined;
    }
    if (!held) return undefined;
    if (typeof input !== 'number') return { held: false, last, token: null };
    if (token !== null) return input === token ? { held: false, last, token: null } : undefined;
    return input > last ? { held: false, last: input, token: null } : undefined;
  },
  blind: ({ f }) => f === 'release',
  key: ({ held, last, token }) => `${String(held)} ${String(last)} ${String(token)}`,
  draw: (chance) => {
    const f = pick(chance, ['acquire', 'release']);
    const named = f === 'release' && chance.next() < 0.5;
    return { f, input: named ? 1 + chance.below(4) : null };
  },
  lie: (chance, { f }, answer): Value => (f === 'acquire' ? 1 + chance.below(5) : answer),
};
