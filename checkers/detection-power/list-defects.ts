/** Defects of lists that transactions append to: a lost append, a read without the newest element, two in the wrong order. */
import type { Operation, Value } from '../../harness/operation.ts';
import { pairOperations } from '../operation-pairs.ts';
import { identityOf, isList } from '../value-text.ts';
import type { DefectKind, Mutant } from './defect.ts';

type MicroOperation = readonly [f: string, key: Value, value: Value];

/** One list as one transaction read it. */
interface ListRead {
  /** Index of the completion, and which micro-operation of it. */
  readonly index: number;
  readonly at: number;
  readonly key: string;
  readonly list: readonly Value[];
}

/** The kinds of defects of a history of transactions `[["append", k, v], ["r", k, [v, …]], …]`. */
export function listDefects(history: readonly Operation[]): readonly DefectKind[] {
  const committed = pairOperations(history).filter(
    ({ completion }) => completion?.type === 'ok' && isTransaction(completion.value),
  );
  const micro = committed.flatMap(({ completion }) =>
    (completion?.value as readonly MicroOperation[]).map((operation, at) => ({
      index: completion?.index ?? 0,
      at,
      operation,
    })),
  );
  const appends = micro
    .filter(({ operation }) => operation[0] === 'append')
    .map(({ operation }) => operation);
  const reads = micro.flatMap(({ index, at, operation: [f, key, value] }): ListRead[] =>
    f === 'r' && isList(value) && value.length > 0
      ? [{ index, at, key: identityOf(key), list: value }]
      : [],
  );
  const ordered = reads.filter(({ list }) => list.length > 1);
  return [
    {
      name: 'lost-append',
      plural: 'single lost appends',
      places: appends.length,
      mutant: (place) => withoutAppend(history, reads, appends[place] as MicroOperation),
    },
    {
      name: 'stale-read',
      plural: 'single stale reads',
      places: reads.length,
      mutant: (place) => {
        const read = reads[place] as ListRead;
        return withLists(history, [{ ...read, list: read.list.slice(0, -1) }]);
      },
    },
    {
      name: 'reordered-element',
      plural: 'single reordered elements',
      places: ordered.length,
      mutant: (place) => {
        const read = ordered[place] as ListRead;
        const [last, previous] = [read.list.at(-1) as Value, read.list.at(-2) as Value];
        return withLists(history, [{ ...read, list: [...read.list.slice(0, -2), last, previous] }]);
      },
    },
    {
      name: 'duplicated-element',
      plural: 'single duplicated elements',
      places: reads.length,
      mutant: (place) => {
        const read = reads[place] as ListRead;
        return withLists(history, [{ ...read, list: [...read.list, read.list.at(-1) as Value] }]);
      },
    },
  ];
}

/** Other operations of the workload are no transactions. */
function isTransaction(value: Value): boolean {
  return isList(value) && value.every((one) => isList(one) && one.length === 3);
}

function withoutAppend(
  history: readonly Operation[],
  reads: readonly ListRead[],
  [, key, element]: MicroOperation,
): Mutant | null {
  const [ofKey, ofElement] = [identityOf(key), identityOf(element)];
  const changed = reads.flatMap((read) => {
    if (read.key !== ofKey) return [];
    const list = read.list.filter((one) => identityOf(one) !== ofElement);
    return list.length < read.list.length ? [{ ...read, list }] : [];
  });
  return withLists(history, changed);
}

function withLists(history: readonly Operation[], changed: readonly ListRead[]): Mutant | null {
  if (changed.length === 0) return null;
  const byIndex = new Map<number, ListRead[]>();
  for (const read of changed) {
    const others = byIndex.get(read.index);
    if (others === undefined) byIndex.set(read.index, [read]);
    else others.push(read);
  }
  const edited = history.map((operation) => {
    const edits = byIndex.get(operation.index);
    if (edits === undefined) return operation;
    const value = [...(operation.value as readonly MicroOperation[])];
    for (const { at, list } of edits) {
      const [f, key] = value[at] as MicroOperation;
      value[at] = [f, key, list];
    }
    return { ...operation, value };
  });
  return { history: edited };
}
