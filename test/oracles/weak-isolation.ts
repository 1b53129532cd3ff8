/**
 * Isolation levels of registers as axioms on a commit order (Biswas and Enea, "On the complexity of checking
 * transactional consistency", 2019): a level holds when some total order of the transactions, which extends the order of
 * sessions and of writes before their reads, satisfies its axiom. Every order is tried.
 *
 * The axioms are of one form: where t3 reads a key from t1, and t2, which writes the key too, is *visible* in the sense of
 * the level, t2 is committed before t1.
 */
import { inSession, possible } from './transaction-history.ts';
import type { Txn } from './transaction-history.ts';

export type Level = 'read-committed' | 'read-atomic' | 'causal' | 'serializable';

interface Read {
  readonly reader: number;
  /** Place of the read in its transaction. */
  readonly at: number;
  readonly key: number;
  /** INITIAL for what was there before all. */
  readonly from: number;
}

const INITIAL = -1;

interface Facts {
  readonly count: number;
  readonly reads: readonly Read[];
  /** writes[t] are the keys that t writes. */
  readonly writes: readonly ReadonlySet<number>[];
  /** sources[a][b]: in a session a is before b, or b reads from a. */
  readonly sources: readonly (readonly boolean[])[];
}

/**
 * Whether the level holds. Reads of what nobody wrote, of what failed, of a write that its transaction overwrote, and
 * reads that disagree with the transaction's own writes break every level.
 */
export function holdsLevel(transactions: readonly Txn[], level: Level): boolean {
  const all = possible(transactions).filter(
    (one) => one.type === 'ok' || isRead(one, transactions),
  );
  const facts = factsOf(all);
  if (facts === null) return false;
  const reach = transitive(facts.sources);
  const place = new Array<number>(facts.count).fill(-1);
  const order = (done: number): boolean => {
    if (done === facts.count) return satisfies(facts, reach, place, level);
    for (let next = 0; next < facts.count; next++) {
      if (place[next] !== -1) continue;
      const ready = facts.sources.every((after, one) => after[next] !== true || place[one] !== -1);
      if (!ready) continue;
      place[next] = done;
      if (order(done + 1)) return true;
      place[next] = -1;
    }
    return false;
  };
  return order(0);
}

/** An unfinished transaction is known to have happened when somebody read from it. */
function isRead(one: Txn, transactions: readonly Txn[]): boolean {
  return one.micro.some(
    ({ read, key, value }) =>
      !read &&
      transactions.some(
        (other) =>
          other.type === 'ok' &&
          other !== one &&
          other.micro.some((micro) => micro.read && micro.key === key && micro.value === value),
      ),
  );
}

function factsOf(all: readonly Txn[]): Facts | null {
  const reads: Read[] = [];
  const sources = all.map((one) => all.map((other) => one !== other && inSession(one, other)));
  const writes = all.map(
    ({ micro }) => new Set(micro.flatMap(({ read, key }) => (read ? [] : [key]))),
  );
  for (const [reader, { micro, type }] of all.entries()) {
    if (type !== 'ok') continue;
    for (const [at, { read, key, value }] of micro.entries()) {
      if (!read) continue;
      const own = micro.slice(0, at).findLast((one) => !one.read && one.key === key);
      if (own !== undefined) {
        if (own.value !== value) return null;
        continue;
      }
      if (value === null) {
        reads.push({ reader, at, key, from: INITIAL });
        continue;
      }
      const from = all.findIndex(
        (one) => one.micro.findLast((write) => !write.read && write.key === key)?.value === value,
      );
      if (from < 0 || from === reader) return null;
      reads.push({ reader, at, key, from });
      (sources[from] as boolean[])[reader] = true;
    }
  }
  return { count: all.length, reads, writes, sources };
}

function transitive(sources: readonly (readonly boolean[])[]): boolean[][] {
  const reach = sources.map((row) => [...row]);
  for (let via = 0; via < reach.length; via++) {
    for (const row of reach) {
      if (row[via] !== true) continue;
      reach[via]?.forEach((reached, to) => (row[to] = row[to] === true || reached));
    }
  }
  return reach;
}

function satisfies(
  { count, reads, writes, sources }: Facts,
  reach: readonly (readonly boolean[])[],
  place: readonly number[],
  level: Level,
): boolean {
  const at = (one: number): number => (one === INITIAL ? -1 : (place[one] as number));
  return reads.every((read) => {
    const { reader, key, from } = read;
    for (let other = 0; other < count; other++) {
      if (other === from || other === reader || writes[other]?.has(key) !== true) continue;
      const visible =
        level === 'serializable'
          ? at(other) < at(reader)
          : level === 'causal'
            ? reach[other]?.[reader] === true
            : level === 'read-atomic'
              ? sources[other]?.[reader] === true
              : readBefore(reads, read, other);
      if (visible && at(other) > at(from)) return false;
    }
    return true;
  });
}

/** Of read committed: an earlier read of the same transaction was from it. */
function readBefore(reads: readonly Read[], { reader, at }: Read, other: number): boolean {
  return reads.some((one) => one.reader === reader && one.at < at && one.from === other);
}
