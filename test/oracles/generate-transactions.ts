/**
 * Histories of transactions on a few keys, from a store that keeps to an isolation level or to none. Each runs between its
 * call and its end; some abort, of some the outcome is never known. Then reads are damaged, or not.
 */
import { pick, type Chance } from './executable-type.ts';
import type { Micro, Objects, Txn } from './transaction-history.ts';

/** `serial`: all at one moment. `snapshot`: reads of its beginning. `committed`: each read the newest. `chaos`: any. */
export type Store = 'serial' | 'snapshot' | 'committed' | 'chaos';

export interface TransactionShape {
  readonly transactions: number;
  readonly clients: number;
  readonly keys: number;
  readonly mostMicro: number;
  readonly store: Store;
  /** Share whose outcome is never known, and share that fails. */
  readonly lost: number;
  readonly failed: number;
  readonly damages: number;
}

export function drawTransactionShape(chance: Chance, most: number): TransactionShape {
  return {
    transactions: Math.max(2 + chance.below(most - 1), 2 + chance.below(most - 1)),
    clients: 1 + Math.max(chance.below(4), chance.below(4)),
    keys: 1 + chance.below(3),
    mostMicro: 1 + chance.below(4),
    store: pick(chance, [
      'serial',
      'snapshot',
      'snapshot',
      'committed',
      'committed',
      'chaos',
      'chaos',
    ]),
    lost: pick(chance, [0, 0, 0.1, 0.3]),
    failed: pick(chance, [0, 0, 0.1]),
    damages: pick(chance, [0, 0, 1, 1, 2, 3]),
  };
}

type Versions = number[];

interface Running {
  readonly txn: Txn;
  next: number;
  readonly snapshot: ReadonlyMap<number, Versions>;
  readonly own: Map<number, Versions>;
}

export function drawTransactions(chance: Chance, objects: Objects, shape: TransactionShape): Txn[] {
  const made: Txn[] = [];
  const running: (Running | null)[] = Array.from({ length: shape.clients }, () => null);
  const names = running.map((_, client) => client);
  const store = new Map<number, Versions>();
  let nextValue = 1;
  let nextProcess = shape.clients;
  let time = 0;
  for (let busy = 0; made.length < shape.transactions || busy > 0;) {
    const client = chance.below(shape.clients);
    const one = running[client];
    if (one === null || one === undefined) {
      if (made.length >= shape.transactions) continue;
      const micro = drawMicro(chance, shape, () => nextValue++);
      const txn: Txn = {
        process: names[client] ?? 0,
        call: time++,
        end: Infinity,
        type: 'open',
        micro,
      };
      made.push(txn);
      running[client] = { txn, next: 0, snapshot: copyOf(store), own: new Map() };
      busy++;
      continue;
    }
    if (one.next < one.txn.micro.length) {
      if (shape.store === 'serial')
        while (one.next < one.txn.micro.length) step(chance, one, store, objects, shape);
      else step(chance, one, store, objects, shape);
      if (shape.store === 'serial') decide(chance, one, store, shape);
      continue;
    }
    if (shape.store !== 'serial') decide(chance, one, store, shape);
    if (one.txn.type !== 'open') one.txn.end = time++;
    if (one.txn.type !== 'ok' && one.txn.type !== 'fail') names[client] = nextProcess++;
    running[client] = null;
    busy--;
  }
  for (let n = 0; n < shape.damages; n++) damage(chance, made, objects);
  return made;
}

function drawMicro(chance: Chance, shape: TransactionShape, next: () => number): Micro[] {
  return Array.from({ length: 1 + chance.below(shape.mostMicro) }, () => {
    const key = chance.below(shape.keys);
    return chance.next() < 0.5
      ? { read: true, key, value: null }
      : { read: false, key, value: next() };
  });
}

function copyOf(store: ReadonlyMap<number, Versions>): Map<number, Versions> {
  return new Map([...store].map(([key, versions]) => [key, [...versions]]));
}

function step(
  chance: Chance,
  one: Running,
  store: ReadonlyMap<number, Versions>,
  objects: Objects,
  shape: TransactionShape,
): void {
  const micro = one.txn.micro[one.next++] as Micro;
  const own = one.own.get(micro.key) ?? [];
  if (!micro.read) {
    one.own.set(micro.key, [...own, micro.value as number]);
    return;
  }
  const base = (shape.store === 'snapshot' ? one.snapshot : store).get(micro.key) ?? [];
  const seen = shape.store === 'chaos' ? base.slice(0, chance.below(base.length + 1)) : base;
  const versions = [...seen, ...own];
  micro.value = objects === 'lists' ? versions : (versions.at(-1) ?? null);
}

function decide(
  chance: Chance,
  one: Running,
  store: Map<number, Versions>,
  shape: TransactionShape,
): void {
  const { txn, own } = one;
  const conflicts = [...own.keys()].some(
    (key) => store.get(key)?.at(-1) !== one.snapshot.get(key)?.at(-1),
  );
  if (chance.next() < shape.failed || (shape.store === 'snapshot' && conflicts)) {
    txn.type = 'fail';
    return;
  }
  const lost = chance.next() < shape.lost;
  txn.type = lost ? pick(chance, ['info', 'open']) : 'ok';
  if (lost && chance.next() < 0.4) return;
  for (const [key, versions] of own) store.set(key, [...(store.get(key) ?? []), ...versions]);
}

function damage(chance: Chance, made: Txn[], objects: Objects): void {
  const one = pick(chance, made);
  if (chance.next() < 0.1 && one.type === 'ok') {
    one.type = 'fail';
    return;
  }
  const reads = one.micro.filter(({ read }) => read);
  if (reads.length === 0) return;
  const micro = pick(chance, reads);
  const others = made.flatMap((txn) => txn.micro.filter(({ key }) => key === micro.key));
  if (objects === 'registers') {
    micro.value = pick(chance, [null, ...others.map(({ value }) => value)]);
    return;
  }
  const list = Array.isArray(micro.value) ? (micro.value as number[]) : [];
  switch (chance.below(4)) {
    case 0:
      micro.value = list.slice(0, -1);
      return;
    case 1:
      micro.value = [...list].reverse();
      return;
    case 2:
      micro.value = list.filter(() => chance.next() < 0.7);
      return;
    default: {
      const element = pick(chance, others).value;
      if (typeof element === 'number') micro.value = [...list, element];
    }
  }
}

/** With one transaction less, or one micro-operation less. */
export function* shrunkTransactions(made: readonly Txn[]): Generator<Txn[]> {
  const copies = (): Txn[] =>
    made.map((one) => ({ ...one, micro: one.micro.map((micro) => ({ ...micro })) }));
  for (let place = 0; place < made.length; place++) {
    const fewer = copies();
    fewer.splice(place, 1);
    yield renumbered(fewer);
  }
  for (const [place, { micro }] of made.entries()) {
    for (let at = 0; at < micro.length && micro.length > 1; at++) {
      const fewer = copies();
      fewer[place]?.micro.splice(at, 1);
      yield fewer;
    }
  }
}

function renumbered(made: Txn[]): Txn[] {
  const moments = made.flatMap((one) => [
    { one, at: one.call, call: true },
    ...(one.type === 'open' ? [] : [{ one, at: one.end, call: false }]),
  ]);
  moments.sort((a, b) => a.at - b.at);
  moments.forEach(({ one, call }, place) => {
    if (call) one.call = place;
    else one.end = place;
  });
  return made;
}
