/** Counters' bounds, grow-only sets and banks by their direct definitions: every read against every other operation. */
import type { Value } from '../../harness/operation.ts';
import { pick, type Chance, type ExecutableType } from './executable-type.ts';
import type { Recorded } from './try-all-orders.ts';

/** add n, read. */
export const PLAIN_COUNTER: ExecutableType<number> = {
  name: 'counter',
  initial: 0,
  execute: (state, { f, input }) =>
    f === 'read' ? [state, state] : [state + (input as number), null],
  blind: ({ f }) => f === 'add',
  key: (state) => state,
  draw: (chance) =>
    chance.next() < 0.4
      ? { f: 'read', input: null }
      : { f: 'add', input: pick(chance, [1, 1, 2, 5, -1, -2]) },
  lie: (chance, { f }, answer) =>
    f === 'read' ? (answer as number) + chance.below(7) - 3 : answer,
};

/** Each read is at least what surely had happened before it began, at most what may have when it ended. */
export function isWithinBounds(operations: readonly Recorded[]): boolean {
  const reads = operations.filter(({ f, end }) => f === 'read' && end < Infinity);
  return reads.every((read) => {
    let least = 0;
    let most = 0;
    for (const { f, input, call, end } of operations) {
      if (f !== 'add') continue;
      const amount = input as number;
      const surely = end < read.call;
      const maybe = call < read.end;
      if (amount > 0 ? surely : maybe) least += amount;
      if (amount > 0 ? maybe : surely) most += amount;
    }
    const seen = read.output as number;
    return least <= seen && seen <= most;
  });
}

/** add an element of its own, read all. */
export const GROWING_SET: ExecutableType<readonly number[]> = {
  name: 'set-full',
  initial: [],
  execute: (state, { f, input }) =>
    f === 'read' ? [state, state] : [[...state, input as number], null],
  blind: ({ f }) => f === 'add',
  key: (state) => state.join(),
  draw: (chance, ordinal) =>
    chance.next() < 0.5 ? { f: 'read', input: null } : { f: 'add', input: ordinal + 1 },
  lie: (chance, { f }, answer) => {
    const elements = answer as readonly number[];
    if (f !== 'read') return answer;
    if (chance.next() < 0.15) return [...elements, ...elements.slice(0, 1)];
    return elements.filter(() => chance.next() < 0.6);
  },
};

/**
 * An element is known once its add was acknowledged or a read that holds it has ended. No read begun after that may lack
 * it; or, without `fresh`, only when a later one holds it again. No read holds an element twice.
 */
export function keepsElements(operations: readonly Recorded[], fresh: boolean): boolean {
  const reads = operations.filter(({ f, end }) => f === 'read' && end < Infinity);
  const holds = ({ output }: Recorded, element: Value): boolean =>
    (output as readonly Value[]).includes(element);
  if (
    reads.some(({ output }) => new Set(output as readonly Value[]).size < (output as []).length)
  ) {
    return false;
  }
  const adds = operations.filter(({ f }) => f === 'add');
  return adds.every(({ input: element }) => {
    const ends = [
      ...adds.filter(({ input }) => input === element),
      ...reads.filter((read) => holds(read, element)),
    ].map(({ end }) => end);
    const known = Math.min(...ends);
    const lacking = reads.filter((read) => read.call > known && !holds(read, element));
    const begun = adds.filter(({ input }) => input === element).map(({ call }) => call);
    // What had ended before it was first added tells nothing of it, and cannot be helped by it.
    const counted = lacking.filter(({ end }) => end > Math.min(...begun));
    if (fresh) return counted.length === 0;
    return counted.every((read) =>
      reads.some((later) => later.call > read.call && holds(later, element)),
    );
  });
}

export interface BankRead {
  readonly balances: Readonly<Record<string, number | null>>;
}

/** Reads of accounts between transfers; some of them are wrong. */
export function drawBankReads(chance: Chance): BankRead[] {
  const balances: Record<string, number | null> = { a: 5, b: 3, c: 2 };
  return Array.from({ length: 1 + chance.below(5) }, () => {
    const from = pick(chance, ['a', 'b', 'c']);
    const to = pick(chance, ['a', 'b', 'c']);
    const amount = chance.below(3);
    if ((balances[from] ?? 0) >= amount) {
      balances[from] = (balances[from] ?? 0) - amount;
      balances[to] = (balances[to] ?? 0) + amount;
    }
    const seen: Record<string, number | null> = { ...balances };
    const drawn = chance.next();
    const account = pick(chance, ['a', 'b', 'c']);
    if (drawn < 0.08) seen[account] = null;
    else if (drawn < 0.16) seen['d'] = 0;
    else if (drawn < 0.24) seen[account] = (seen[account] ?? 0) + 1;
    else if (drawn < 0.3) {
      seen['a'] = -1;
      seen['b'] = 11 - (seen['c'] ?? 0);
    }
    return { balances: seen };
  });
}

/** Every read has the accounts and the total of the first, each with a balance that is not negative. */
export function isBalanced(reads: readonly BankRead[]): boolean {
  const totals = reads.map(({ balances }) =>
    Object.values(balances).reduce<number>((sum, one) => sum + (one ?? 0), 0),
  );
  const accounts = Object.keys(reads[0]?.balances ?? {});
  return reads.every(
    ({ balances }, at) =>
      totals[at] === totals[0] &&
      Object.keys(balances).every((name) => accounts.includes(name)) &&
      Object.values(balances).every((one) => one !== null && one >= 0),
  );
}
