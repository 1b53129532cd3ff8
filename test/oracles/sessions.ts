/**
 * Session guarantees by their definition: some order of all writes, in which each key's value at the beginning is its
 * first, has them. Every order is tried.
 */
import type { Operation, Value } from '../../harness/operation.ts';
import { pick, type Chance } from './executable-type.ts';

export type Guarantee =
  'monotonic-reads' | 'read-your-writes' | 'monotonic-writes' | 'writes-follow-reads';

/** One operation of a session. Values are written once; 0 is what every key holds at the beginning. */
export interface Access {
  readonly session: number;
  readonly f: 'read' | 'write' | 'cas';
  readonly key: number;
  /** What it read; null when it read nothing. */
  read: number | null;
  readonly written: number | null;
  /** False: a write with an unknown outcome. Reads are always. */
  readonly acknowledged: boolean;
}

/** @param accesses in the order of time; within a session one after the other. */
export function hasGuarantees(
  accesses: readonly Access[],
  guarantees: ReadonlySet<Guarantee>,
): boolean {
  const versions = accesses.flatMap(({ key, written }) =>
    written === null ? [] : [{ key, written }],
  );
  const place = new Map<string, number>();
  const tryFrom = (placed: number): boolean => {
    if (placed === versions.length) return holds(accesses, guarantees, place);
    return versions.some(({ key, written }) => {
      const name = nameOf(key, written);
      if (place.has(name)) return false;
      place.set(name, placed);
      const found = tryFrom(placed + 1);
      place.delete(name);
      return found;
    });
  };
  return tryFrom(0);
}

function nameOf(key: number, value: number): string {
  return `${String(key)} ${String(value)}`;
}

function holds(
  accesses: readonly Access[],
  guarantees: ReadonlySet<Guarantee>,
  place: ReadonlyMap<string, number>,
): boolean {
  // The values at the beginning come before all writes; that they are of several keys makes no difference.
  const at = (key: number, value: number): number => place.get(nameOf(key, value)) ?? -1;
  return accesses.every((one, index) => {
    const before = accesses.slice(0, index).filter(({ session }) => session === one.session);
    const { key, read, written } = one;
    if (read !== null) {
      const seen = at(key, read);
      for (const other of before) {
        if (other.key !== key) continue;
        if (
          guarantees.has('monotonic-reads') &&
          other.read !== null &&
          at(key, other.read) > seen
        ) {
          return false;
        }
        if (!guarantees.has('read-your-writes') || other.written === null) continue;
        if (other.acknowledged && at(key, other.written) > seen) return false;
      }
    }
    if (written === null) return true;
    const made = at(key, written);
    const follows = guarantees.has('writes-follow-reads');
    if (follows && read !== null && at(key, read) >= made) return false;
    return before.every((other) => {
      if (follows && other.read !== null && at(other.key, other.read) >= made) return false;
      if (!guarantees.has('monotonic-writes') || other.written === null) return true;
      return !other.acknowledged || at(other.key, other.written) < made;
    });
  });
}

/** Sessions on replicas that lag behind, or lose what they had. */
export function drawAccesses(chance: Chance): Access[] {
  const count = 2 + chance.below(6);
  const sessions = 1 + chance.below(3);
  const keys = 1 + chance.below(2);
  const stale = pick(chance, [0.1, 0.4, 0.8]);
  const histories = Array.from({ length: keys }, () => [0]);
  const accesses: Access[] = [];
  let nextValue = 1;
  while (accesses.length < count) {
    const session = chance.below(sessions);
    const key = chance.below(keys);
    const versions = histories[key] as number[];
    const seen = chance.next() < stale ? pick(chance, versions) : (versions.at(-1) as number);
    const f = pick(chance, ['read', 'read', 'write', 'cas'] as const);
    if (f === 'read') {
      accesses.push({ session, f, key, read: seen, written: null, acknowledged: true });
      continue;
    }
    const written = nextValue++;
    const acknowledged = chance.next() > 0.15;
    const read = f === 'cas' && acknowledged ? seen : null;
    accesses.push({ session, f, key, read, written, acknowledged });
    // Now and then a write lands before one that is there.
    if (chance.next() < 0.2) versions.splice(1 + chance.below(versions.length), 0, written);
    else versions.push(written);
  }
  for (let n = chance.below(3); n > 0; n--) {
    const one = pick(chance, accesses);
    const others = accesses.filter(({ key, written }) => key === one.key && written !== null);
    // Also what is written only later, or by itself.
    if (one.read !== null && others.length > 0) one.read = pick(chance, others).written;
  }
  return accesses;
}

/** Values as [key, …]; null is what a key holds at the beginning. Operations follow one another. */
export function accessLines(accesses: readonly Access[]): Operation[] {
  const processes = new Map<number, number>();
  let nextProcess = 100;
  return accesses.flatMap((access, place): Operation[] => {
    const { session, f, key, read, written, acknowledged } = access;
    const value = (one: number | null): Value => (one === 0 ? null : one);
    const asked: Value =
      f === 'read' ? null : f === 'write' ? written : [value(read ?? 0), written];
    const answer: Value = f === 'read' ? value(read) : f === 'write' ? written : { swapped: true };
    const process = processes.get(session) ?? session;
    // The session goes on with another process where the outcome was not known.
    if (!acknowledged) processes.set(session, nextProcess++);
    const common = { process, f, node: 'n1', session: `s${String(session)}` };
    const index = place * 2;
    const outcome = acknowledged ? 'ok' : 'info';
    const told: Value = [key, acknowledged ? answer : asked];
    return [
      { ...common, index, time: index * 1_000, type: 'invoke', value: [key, asked] },
      { ...common, index: index + 1, time: index * 1_000 + 1, type: outcome, value: told },
    ];
  });
}
