/** Versions of one key that would each have to follow the next, all around. */
import type { Value } from '../../harness/operation.ts';
import type { JudgingOptions } from '../judging/history-judge.ts';
import { identityOf } from '../value-text.ts';
import { externalReads, finalWrites } from './transactions.ts';
import type { Transaction, Transactions } from './transactions.ts';

/** Under the assumptions that the options name, as Elle draws them. Undefined: of any key. */
export function hasCyclicVersions(
  transactions: Transactions,
  options: JudgingOptions,
  key: string | undefined,
): boolean {
  const keys = new Set<string>();
  for (const { micro } of transactions.all.values()) for (const one of micro) keys.add(one.key);
  return [...keys].some(
    (one) =>
      (key === undefined || one === key) && isCyclic(followersOf(transactions, options, one)),
  );
}

type Followers = Map<string, Set<string>>;

function followersOf({ all }: Transactions, options: JudgingOptions, key: string): Followers {
  const followers: Followers = new Map();
  const initial = identityOf(options.initial ?? null);
  const touching = [...all.values()].filter(
    (one) => !one.failed && (externalReads(one).has(key) || finalWrites(one).has(key)),
  );
  for (const one of touching) {
    const read = externalReads(one).get(key);
    const written = finalWrites(one).get(key);
    for (const value of [read, written]) {
      if (value !== undefined) link(followers, initial, identityOf(value));
    }
    if (options.versionOrders.includes('wfr-keys')) linkValues(followers, read, written);
    if (!one.committed) continue;
    for (const other of touching) {
      if (one.end < other.call && isOrdered(one, other, options)) {
        const reads = externalReads(other);
        const first = (reads.has(key) ? reads : finalWrites(other)).get(key);
        linkValues(followers, written === undefined ? read : written, first);
      }
    }
  }
  return followers;
}

function isOrdered(
  one: Transaction,
  other: Transaction,
  { versionOrders }: JudgingOptions,
): boolean {
  if (versionOrders.includes('linearizable-keys')) return true;
  return versionOrders.includes('sequential-keys') && one.process === other.process;
}

function linkValues(followers: Followers, from: Value | undefined, to: Value | undefined): void {
  if (from !== undefined && to !== undefined) link(followers, identityOf(from), identityOf(to));
}

function link(followers: Followers, from: string, to: string): void {
  if (from === to) return;
  const after = followers.get(from);
  if (after === undefined) followers.set(from, new Set([to]));
  else after.add(to);
}

/** Takes away versions that nothing precedes until none is left, or all that are left have a predecessor. */
function isCyclic(followers: Followers): boolean {
  const before = new Map<string, number>();
  for (const [version, after] of followers) {
    if (!before.has(version)) before.set(version, 0);
    for (const one of after) before.set(one, (before.get(one) ?? 0) + 1);
  }
  const free = [...before].flatMap(([version, count]) => (count === 0 ? [version] : []));
  let left = before.size;
  for (let version = free.pop(); version !== undefined; version = free.pop()) {
    left--;
    for (const one of followers.get(version) ?? []) {
      const count = (before.get(one) ?? 0) - 1;
      before.set(one, count);
      if (count === 0) free.push(one);
    }
  }
  return left > 0;
}
