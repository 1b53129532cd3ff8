/**
 * Sets that only grow without search, where every element is added once and the set is read as a whole: the sets that
 * were read must form a chain by inclusion, and rank everything: reads of the smallest set, the adds of what the next one
 * has more, its reads … and last what was never seen. Every read is then legal just where it ranks. O(n log n + what was
 * read).
 */
import { identityOf, isList } from '../../value-text.ts';
import type { Partition } from '../model-problem.ts';
import { orderByRank, timesOf } from '../model-shortcut.ts';
import type { Ranked, Shortcut } from '../model-shortcut.ts';

interface SetRead {
  readonly number: number;
  readonly elements: ReadonlySet<string>;
}

/** Null where it does not apply: other operations than add and read, elements added twice, reads that tell nothing. */
export function orderGrowingSet(partition: Partition): Shortcut | null {
  const times = timesOf(partition);
  const adds = new Map<string, number>();
  const reads: SetRead[] = [];
  for (const [number, { f, input, output }] of partition.operations.entries()) {
    if (f === 'add') {
      const element = identityOf(input);
      if (adds.has(element) || isTelling(output)) return null;
      adds.set(element, number);
    } else if (f !== 'read' || output === null) {
      return null;
    } else if (output !== undefined && isList(output)) {
      reads.push({ number, elements: new Set(output.map(identityOf)) });
    }
  }
  reads.sort((a, b) => a.elements.size - b.elements.size);
  const rankOf = new Map<string, number>();
  const ranked: Ranked[] = [];
  for (const { number, elements } of reads) {
    const failure = rankNewElements(elements, adds, rankOf);
    if (failure !== null) return { outcome: 'illegal', reason: failure, blocked: number };
    ranked.push({ number, rank: elements.size * 2 });
  }
  for (const [element, number] of adds) {
    const rank = rankOf.get(element);
    if (rank !== undefined || times.end[number] !== Infinity) {
      ranked.push({ number, rank: rank ?? Infinity });
    }
  }
  return orderByRank(ranked, times);
}

function isTelling(output: unknown): boolean {
  return typeof output === 'object' && output !== null && 'changed' in output;
}

/** Ranks what a read has more than all smaller ones; all that those had it must have, too. */
function rankNewElements(
  elements: ReadonlySet<string>,
  adds: ReadonlyMap<string, number>,
  rankOf: Map<string, number>,
): string | null {
  let known = 0;
  for (const element of elements) {
    if (!adds.has(element)) return 'an element was read that was never added';
    if (rankOf.has(element)) known++;
  }
  if (known < rankOf.size) return 'two reads each have an element that the other has not';
  for (const element of elements) {
    if (!rankOf.has(element)) rankOf.set(element, elements.size * 2 - 1);
  }
  return null;
}
