/**
 * Snapshot isolation by its definition (Berenson and others, "A critique of ANSI SQL isolation levels", 1995): a
 * transaction reads what was committed when it began, and its own writes; of two that overlap, only one may have written
 * a key. Begins and commits are tried in every order.
 */
import { endsBefore, inSession, possible, sameValue } from './transaction-history.ts';
import type { Objects, Txn } from './transaction-history.ts';
import { held, storeName, written, type Respected, type Store } from './serial-orders.ts';

interface Begun {
  readonly snapshot: Store;
  /** Keys committed by others since it began. */
  readonly overwritten: ReadonlySet<number>;
}

/** @param respected what ended before another was called was committed before that began. */
export function isSnapshotIsolated(
  transactions: readonly Txn[],
  objects: Objects,
  respected: Respected,
): boolean {
  const all = possible(transactions);
  const precedes =
    respected === 'realtime' ? endsBefore : respected === 'session' ? inSession : () => false;
  const before = all.map((other) =>
    all.reduce((mask, one, bit) => (precedes(one, other) ? mask | (1 << bit) : mask), 0),
  );
  const needed = all.reduce((mask, { type }, bit) => (type === 'ok' ? mask | (1 << bit) : mask), 0);
  const entered = new Set<string>();
  const complete = (done: number, store: Store, begun: ReadonlyMap<number, Begun>): boolean => {
    if ((needed & ~done) === 0) return true;
    const name = `${String(done)} ${storeName(store)} ${begunName(begun)}`;
    if (entered.has(name)) return false;
    entered.add(name);
    for (const [bit, one] of all.entries()) {
      if ((done & (1 << bit)) !== 0) continue;
      const open = begun.get(bit);
      if (open === undefined) {
        if (((before[bit] as number) & ~done) !== 0 || !readsFit(one, store, objects)) continue;
        const more = new Map(begun).set(bit, { snapshot: store, overwritten: new Set() });
        if (complete(done, store, more)) return true;
        continue;
      }
      const keys = new Set(one.micro.flatMap(({ read, key }) => (read ? [] : [key])));
      if ([...keys].some((key) => open.overwritten.has(key))) continue;
      const rest = new Map<number, Begun>();
      for (const [other, { snapshot, overwritten }] of begun) {
        if (other !== bit)
          rest.set(other, { snapshot, overwritten: new Set([...overwritten, ...keys]) });
      }
      if (complete(done | (1 << bit), committed(one, store, objects), rest)) return true;
    }
    return false;
  };
  return complete(0, new Map(), new Map());
}

function begunName(begun: ReadonlyMap<number, Begun>): string {
  return [...begun]
    .sort(([one], [other]) => one - other)
    .map(([bit, { overwritten }]) => `${String(bit)}:${[...overwritten].sort().join(',')}`)
    .join(' ');
}

function readsFit({ micro, type }: Txn, snapshot: Store, objects: Objects): boolean {
  const own = new Map(snapshot);
  return micro.every(({ read, key, value }) => {
    if (read) return type !== 'ok' || sameValue(value, held(own.get(key), objects));
    own.set(key, written(own.get(key), value, objects));
    return true;
  });
}

function committed({ micro }: Txn, store: Store, objects: Objects): Store {
  const after = new Map(store);
  for (const { read, key, value } of micro) {
    if (!read) after.set(key, written(after.get(key), value, objects));
  }
  return after;
}
