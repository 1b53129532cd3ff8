/**
 * Which version of a register comes after which, as far as that can be known.
 *
 * The initial version comes before all others. More follows from assumptions, each of which the caller makes or does not:
 * a transaction's write follows its own read (`wfr-keys`); each key is sequentially consistent, so a process sees its
 * versions in order (`sequential-keys`); each key is linearizable, so real time orders them (`linearizable-keys`). An
 * assumption under which versions would follow one another in a circle is refuted and left out.
 */
import type { JudgingOptions } from '../judging/history-judge.ts';
import { FAIL, OK, type TransactionColumns } from './columns.ts';
import type { ExternalAccesses } from './external-accesses.ts';
import { EdgeBuffer, componentsOf, cyclicComponents, graphOf } from './graph.ts';
import { NONE } from './list-versions.ts';
import type { FaultList } from './transaction-faults.ts';

/** Why one version follows another; the label of edges between versions. */
export const INITIAL = 1;
export const WRITES_FOLLOW_READS = 2;
export const BY_PROCESS = 4;
export const BY_REALTIME = 8;

/** An edge leads from a version to one that follows it. */
export interface RegisterVersions {
  readonly edges: EdgeBuffer;
  /** Of each key: its initial version where somebody read it; NONE where nobody did. */
  readonly initial: Int32Array;
}

type Link = (from: number, to: number, reason: number) => void;

export function registerVersionsOf(
  columns: TransactionColumns,
  accesses: ExternalAccesses,
  versionOrders: JudgingOptions['versionOrders'],
  faults: FaultList,
): RegisterVersions {
  const { versions } = columns;
  const nothing = versions.tokenOf(null);
  const initial = new Int32Array(versions.keys.size);
  for (let key = 0; key < initial.length; key++) initial[key] = versions.find(key, nothing);
  let known: RegisterVersions = { edges: new EdgeBuffer(), initial };
  for (const source of [linkInitial, ...sourcesOf(versionOrders)]) {
    const more = { edges: new EdgeBuffer(), initial };
    const { from, to, label } = known.edges;
    for (let e = 0; e < known.edges.count; e++) more.edges.add(from.at(e), to.at(e), label.at(e));
    const link: Link = (before, after, reason) => {
      if (before !== NONE && after !== NONE) more.edges.add(before, after, reason);
    };
    source(columns, accesses, link, initial);
    const circles = cyclicComponents(componentsOf(graphOf(versions.size, more.edges)));
    if (circles.length === 0) known = more;
    else reportCircles(columns, accesses, circles, faults);
  }
  return known;
}

type Source = (
  columns: TransactionColumns,
  accesses: ExternalAccesses,
  link: Link,
  initial: Int32Array,
) => void;

function sourcesOf(versionOrders: JudgingOptions['versionOrders']): Source[] {
  const sources: Source[] = [];
  if (versionOrders.includes('wfr-keys')) sources.push(linkOwnWrites);
  if (versionOrders.includes('sequential-keys')) sources.push(linkProcesses);
  if (versionOrders.includes('linearizable-keys')) sources.push(linkRealtime);
  return sources;
}

function linkInitial(
  columns: TransactionColumns,
  { key, read, write }: ExternalAccesses,
  link: Link,
  initial: Int32Array,
): void {
  for (let at = 0; at < key.length; at++) {
    const nothing = initial[key[at] as number] as number;
    if (nothing === NONE) continue;
    link(nothing, read[at] as number, INITIAL);
    link(nothing, write[at] as number, INITIAL);
  }
}

function linkOwnWrites(
  { count, type }: TransactionColumns,
  { first, key, read, write }: ExternalAccesses,
  link: Link,
  initial: Int32Array,
): void {
  for (let t = 0; t < count; t++) {
    if (type[t] !== OK) continue;
    const end = first[t + 1] as number;
    for (let at = first[t] as number; at < end; at++) {
      if (read[at] === initial[key[at] as number]) continue;
      link(read[at] as number, write[at] as number, WRITES_FOLLOW_READS);
    }
  }
}

/** The version that an access leaves behind. */
function lastOf({ read, write }: ExternalAccesses, at: number): number {
  return write[at] === NONE ? (read[at] as number) : (write[at] as number);
}

/** The version that an access meets; of one that reads the initial version and writes, what it writes. */
function firstOf({ key, read, write }: ExternalAccesses, at: number, initial: Int32Array): number {
  const isInitial = read[at] === NONE || read[at] === initial[key[at] as number];
  return isInitial && write[at] !== NONE ? (write[at] as number) : (read[at] as number);
}

function linkProcesses(
  { type, process, events, versions }: TransactionColumns,
  accesses: ExternalAccesses,
  link: Link,
  initial: Int32Array,
): void {
  // By process and key: the access before.
  const latest = new Map<number, number>();
  const keys = versions.keys.size;
  for (const event of events) {
    const t = event >> 1;
    if ((event & 1) === 0 || type[t] !== OK) continue;
    const end = accesses.first[t + 1] as number;
    for (let at = accesses.first[t] as number; at < end; at++) {
      const place = (process[t] as number) * keys + (accesses.key[at] as number);
      const before = latest.get(place);
      latest.set(place, at);
      if (before === undefined) continue;
      link(lastOf(accesses, before), firstOf(accesses, at, initial), BY_PROCESS);
    }
  }
}

/** A completed access to a key, to be followed by those invoked later. */
interface Completed {
  readonly at: number;
  readonly completion: number;
}

function linkRealtime(
  { type, invoke, completion, events }: TransactionColumns,
  accesses: ExternalAccesses,
  link: Link,
  initial: Int32Array,
): void {
  const frontiers = new Map<number, Completed[]>();
  for (const event of events) {
    const t = event >> 1;
    if (type[t] === FAIL) continue;
    const end = accesses.first[t + 1] as number;
    for (let at = accesses.first[t] as number; at < end; at++) {
      const key = accesses.key[at] as number;
      const frontier = frontiers.get(key) ?? [];
      if ((event & 1) === 0) {
        const version = firstOf(accesses, at, initial);
        for (const before of frontier) {
          link(lastOf(accesses, before.at), version, BY_REALTIME);
        }
      } else if (type[t] === OK) {
        const left = frontier.filter((before) => before.completion > (invoke[t] as number));
        left.push({ at, completion: completion[t] as number });
        frontiers.set(key, left);
      }
    }
  }
}

function reportCircles(
  columns: TransactionColumns,
  { first, read, write }: ExternalAccesses,
  circles: readonly (readonly number[])[],
  faults: FaultList,
): void {
  const shown = circles.slice(0, 8);
  const circleOf = new Map(shown.flatMap((circle) => circle.map((version) => [version, circle])));
  const involved = new Map<readonly number[], Set<number>>(
    shown.map((circle) => [circle, new Set()]),
  );
  for (let t = 0; t < columns.count; t++) {
    for (let at = first[t] as number; at < (first[t + 1] as number); at++) {
      for (const version of [read[at] as number, write[at] as number]) {
        const transactions = involved.get(circleOf.get(version) ?? []);
        if (transactions !== undefined && transactions.size < 8) transactions.add(t);
      }
    }
  }
  for (const [circle, transactions] of involved) {
    const version = circle[0] as number;
    faults.add('cyclic-versions', columns.versions.keyIdOf(version), version, [...transactions]);
  }
}
