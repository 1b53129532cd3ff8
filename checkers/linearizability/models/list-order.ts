/**
 * Append-only lists without search, where every value is appended once: the longest read tells the order of all values
 * that were seen. Ranks: reads of nothing, its first append, reads of one value, the second append … and last what was
 * never seen, which cannot stand between. Every read is then legal just where it ranks. O(n log n + what was read).
 */
import type { Value } from '../../../harness/operation.ts';
import { identityOf, isList } from '../../value-text.ts';
import type { Partition } from '../model-problem.ts';
import { orderByRank, timesOf } from '../model-shortcut.ts';
import type { Ranked, Shortcut } from '../model-shortcut.ts';

/** Null where it does not apply: values appended twice, reads that tell nothing. */
export function orderAppendList(partition: Partition): Shortcut | null {
  const times = timesOf(partition);
  const appends = new Map<string, number>();
  let longest: readonly Value[] = [];
  for (const [number, { f, input, output }] of partition.operations.entries()) {
    if (f === 'append') {
      const value = identityOf(input);
      if (appends.has(value)) return null;
      appends.set(value, number);
    } else if (f !== 'read' || output === null) {
      return null;
    } else if (output !== undefined && isList(output) && output.length > longest.length) {
      longest = output;
    }
  }
  const values = longest.map(identityOf);
  const rankOf = new Map<number, number>();
  for (const [place, value] of values.entries()) {
    const number = appends.get(value);
    if (number === undefined || rankOf.has(number)) return strange(partition, longest);
    rankOf.set(number, place * 2 + 1);
  }
  const ranked: Ranked[] = [];
  for (const [number, { f, output }] of partition.operations.entries()) {
    if (f === 'append') {
      const rank = rankOf.get(number);
      if (rank !== undefined || times.end[number] !== Infinity) {
        ranked.push({ number, rank: rank ?? Infinity });
      }
    } else if (output !== undefined && output !== null && isList(output)) {
      if (!isBeginning(output, values)) {
        const reason = 'what was read is not the beginning of the longest read';
        return { outcome: 'illegal', reason, blocked: number };
      }
      ranked.push({ number, rank: output.length * 2 });
    }
  }
  return orderByRank(ranked, times);
}

function strange({ operations }: Partition, longest: readonly Value[]): Shortcut {
  const blocked = operations.findIndex(({ output }) => output === longest);
  return { outcome: 'illegal', reason: 'a value was read twice or never appended', blocked };
}

function isBeginning(list: readonly Value[], values: readonly string[]): boolean {
  return list.every((value, place) => identityOf(value) === values[place]);
}
