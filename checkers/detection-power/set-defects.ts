/** Defects of an append-only set: an acknowledged element never stored, a read without the newest one, one listed twice. */
import type { Operation, Value } from '../../harness/operation.ts';
import { pairOperations, type OperationPair } from '../operation-pairs.ts';
import { identityOf, isList, isRecord, unwrapValue } from '../value-text.ts';
import type { DefectKind, Mutant } from './defect.ts';

/** Reads answer with a list, or with `{value: list, …}`. */
export interface SetConventions {
  readonly adds: ReadonlySet<string>;
  readonly reads: ReadonlySet<string>;
}

interface Listing {
  readonly index: number;
  readonly elements: readonly Value[];
}

/** The kinds of defects of a whole history of one set. */
export function setDefects(
  history: readonly Operation[],
  conventions: SetConventions,
): readonly DefectKind[] {
  const pairs = pairOperations(history).filter(({ completion }) => completion?.type === 'ok');
  const adds = pairs.filter(({ invoke }) => conventions.adds.has(invoke.f));
  const reads = pairs.filter(({ invoke }) => conventions.reads.has(invoke.f)).map(listingOf);
  const acknowledgedAt = new Map(
    adds.map(({ invoke, completion }) => [identityOf(invoke.value), completion?.index ?? 0]),
  );
  const told = reads.filter(({ elements }) => elements.length > 0);
  return [
    {
      name: 'lost-element',
      plural: 'single lost elements',
      places: adds.length,
      mutant: (place) =>
        withoutElement(history, reads, (adds[place] as OperationPair).invoke.value),
    },
    {
      name: 'stale-read',
      plural: 'single stale reads',
      places: told.length,
      mutant: (place) => {
        const read = told[place] as Listing;
        const newest = newestOf(read.elements, acknowledgedAt);
        return withListings(
          history,
          new Map([[read.index, read.elements.filter((_, at) => at !== newest)]]),
        );
      },
    },
    {
      name: 'duplicated-element',
      plural: 'single duplicated elements',
      places: told.length,
      mutant: (place) => {
        const { index, elements } = told[place] as Listing;
        return withListings(history, new Map([[index, [...elements, elements[0] as Value]]]));
      },
    },
  ];
}

function listingOf({ completion }: OperationPair): Listing {
  const value = unwrapValue(completion?.value ?? null);
  return { index: completion?.index ?? 0, elements: isList(value) ? value : [] };
}

/** Where in the list the element stands that was acknowledged last; one of unknown outcome counts as the newest. */
function newestOf(elements: readonly Value[], acknowledgedAt: ReadonlyMap<string, number>): number {
  let newest = 0;
  let latest = -1;
  for (const [at, element] of elements.entries()) {
    const time = acknowledgedAt.get(identityOf(element)) ?? Infinity;
    if (time > latest) [newest, latest] = [at, time];
  }
  return newest;
}

function withoutElement(
  history: readonly Operation[],
  reads: readonly Listing[],
  element: Value,
): Mutant | null {
  const identity = identityOf(element);
  const changed = new Map<number, readonly Value[]>();
  for (const { index, elements } of reads) {
    const kept = elements.filter((one) => identityOf(one) !== identity);
    if (kept.length < elements.length) changed.set(index, kept);
  }
  return withListings(history, changed);
}

function withListings(
  history: readonly Operation[],
  listings: ReadonlyMap<number, readonly Value[]>,
): Mutant | null {
  if (listings.size === 0) return null;
  const changed = history.map((operation) => {
    const listing = listings.get(operation.index);
    if (listing === undefined) return operation;
    const { value } = operation;
    return { ...operation, value: isRecord(value) ? { ...value, value: listing } : listing };
  });
  return { history: changed };
}
