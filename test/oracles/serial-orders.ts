/** Serializability by its definition: some order of the transactions, one by one, gives every answer. */
import { endsBefore, inSession, possible, sameValue } from './transaction-history.ts';
import type { Micro, Objects, Txn } from './transaction-history.ts';

/** `realtime`: strict serializability; `session`: the order of each process (strong session serializability). */
export type Respected = 'nothing' | 'session' | 'realtime';

/** What each key holds. */
export type Store = ReadonlyMap<number, Micro['value']>;

export function isSerializable(
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
  const complete = (done: number, store: Store): boolean => {
    if ((needed & ~done) === 0) return true;
    const name = `${String(done)} ${storeName(store)}`;
    if (entered.has(name)) return false;
    entered.add(name);
    return all.some((one, bit) => {
      if ((done & (1 << bit)) !== 0 || ((before[bit] as number) & ~done) !== 0) return false;
      const after = execute(store, one, objects);
      return after !== null && complete(done | (1 << bit), after);
    });
  };
  return complete(0, new Map());
}

/** The store afterwards; null when the transaction read something else. */
export function execute(store: Store, { micro, type }: Txn, objects: Objects): Store | null {
  const after = new Map(store);
  for (const { read, key, value } of micro) {
    if (!read) after.set(key, written(after.get(key), value, objects));
    else if (type === 'ok' && !sameValue(value, held(after.get(key), objects))) return null;
  }
  return after;
}

/** What a read of a key gives. */
export function held(value: Micro['value'] | undefined, objects: Objects): Micro['value'] {
  return value ?? (objects === 'lists' ? [] : null);
}

/** What a key holds after a write. */
export function written(
  before: Micro['value'] | undefined,
  value: Micro['value'],
  objects: Objects,
): Micro['value'] {
  if (objects === 'registers') return value;
  return [...((before ?? []) as readonly number[]), value as number];
}

export function storeName(store: Store): string {
  return [...store]
    .sort(([one], [other]) => one - other)
    .map(([key, value]) => `${String(key)}=${String(value)}`)
    .join(';');
}
