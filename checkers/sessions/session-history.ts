/** A history of registers as sessions: what each saw and what it wrote, values made numbers. */
import type { Operation, Value } from '../../harness/operation.ts';
import { pairOperations } from '../operation-pairs.ts';
import type { OperationPair } from '../operation-pairs.ts';
import { malformed, splitKeyed } from '../register-history.ts';
import type { RegisterOptions } from '../register-history.ts';
import { identityOf, isList, isRecord, unwrapValue } from '../value-text.ts';

/** One write, or the value that a key holds at the beginning. Its number is its place in the list. */
export interface SessionWrite {
  readonly key: Value;
  readonly value: Value;
  /** Null: the value at the beginning. */
  readonly pair: OperationPair | null;
  /** The number of the value that its key holds at the beginning. */
  readonly initial: number;
}

/** One operation of a session: a compare-and-set that swapped both reads and writes. */
export interface SessionAccess {
  readonly pair: OperationPair;
  /** Number of the write whose value it read; null: it read none, or one that cannot be told from others. */
  readonly read: number | null;
  /** Number of the write it is. */
  readonly written: number | null;
  /** False for a write with an unknown outcome: it may happen at any time from its call on, or never. */
  readonly acknowledged: boolean;
}

export interface SessionHistory {
  readonly writes: readonly SessionWrite[];
  /** By name; accesses in the session's order, each begun after the one before had ended. */
  readonly sessions: ReadonlyMap<string, readonly SessionAccess[]>;
  /** Completed reads of a value that was written twice, or never: nothing is concluded from them. */
  readonly ambiguousReads: number;
}

/**
 * Operations that failed are left out, and answers that came in another session than was asked in. A session with
 * operations that overlap is taken apart into its processes: that leaves orders out and adds none.
 * @throws TypeError for values that are not of the register's conventions, naming the history line.
 */
export function sessionHistory(
  history: readonly Operation[],
  options: RegisterOptions,
): SessionHistory {
  return new SessionReader(options).read(pairOperations(history));
}

type Kind = 'read' | 'write' | 'cas';

/** Stands for a value that several writes wrote. */
const SEVERAL = -1;

class SessionReader {
  private readonly options: RegisterOptions;
  private readonly kinds: ReadonlyMap<string, Kind>;
  private readonly writes: SessionWrite[] = [];
  /** By key and value: number of the one write of it, or SEVERAL. */
  private readonly writers = new Map<string, number>();
  private readonly written = new Map<OperationPair, number>();
  private ambiguousReads = 0;

  constructor(options: RegisterOptions) {
    this.options = options;
    this.kinds = new Map<string, Kind>([
      ...options.cas.map((f): [string, Kind] => [f, 'cas']),
      ...options.writes.map((f): [string, Kind] => [f, 'write']),
      ...options.reads.map((f): [string, Kind] => [f, 'read']),
    ]);
  }

  read(all: readonly OperationPair[]): SessionHistory {
    const pairs = all.filter(
      ({ invoke, completion }) => this.kinds.has(invoke.f) && completion?.type !== 'fail',
    );
    for (const pair of pairs) this.addWrite(pair);
    const nameOf = sessionNames(pairs);
    const sessions = new Map<string, SessionAccess[]>();
    for (const pair of pairs) {
      const access = this.accessOf(pair);
      const name = nameOf(pair);
      if (access === null || name === null) continue;
      const accesses = sessions.get(name);
      if (accesses === undefined) sessions.set(name, [access]);
      else accesses.push(access);
    }
    return { writes: this.writes, sessions, ambiguousReads: this.ambiguousReads };
  }

  private addWrite(pair: OperationPair): void {
    const { key, value: asked } = this.split(pair.invoke);
    const place = identityOf(key);
    const initial = this.writers.get(`${place} initial`) ?? this.addInitial(key, place);
    const to = this.writtenBy(pair, asked);
    if (to === undefined) return;
    const number = this.writes.length;
    this.writes.push({ key, value: to, pair, initial });
    this.written.set(pair, number);
    this.name(`${place} ${identityOf(to)}`, number);
  }

  private addInitial(key: Value, place: string): number {
    const { initial: value } = this.options;
    const number = this.writes.length;
    this.writes.push({ key, value, pair: null, initial: number });
    this.writers.set(`${place} initial`, number);
    this.name(`${place} ${identityOf(value)}`, number);
    return number;
  }

  private name(identity: string, number: number): void {
    this.writers.set(identity, this.writers.has(identity) ? SEVERAL : number);
  }

  /** What it writes; undefined when nothing. */
  private writtenBy({ invoke, completion }: OperationPair, asked: Value): Value | undefined {
    const kind = this.kinds.get(invoke.f);
    if (kind === 'write') return unwrapValue(asked);
    if (kind !== 'cas') return undefined;
    if (completion?.type === 'ok' && !this.swapped(completion, asked)) return undefined;
    return comparison(invoke, asked).to;
  }

  private accessOf(pair: OperationPair): SessionAccess | null {
    const { invoke, completion } = pair;
    const acknowledged = completion?.type === 'ok';
    const written = this.written.get(pair) ?? null;
    const { key, value: asked } = this.split(invoke);
    const kind = this.kinds.get(invoke.f);
    if (kind === 'read') {
      if (!acknowledged) return null;
      const read = this.writerOf(key, unwrapValue(this.split(completion).value));
      return read === null ? null : { pair, read, written: null, acknowledged };
    }
    if (written === null) return null;
    // A swap that was not acknowledged shows what it met only if it happened, which nothing tells here.
    const isSwap = kind === 'cas' && acknowledged;
    const read = isSwap ? this.writerOf(key, comparison(invoke, asked).from) : null;
    return { pair, read, written, acknowledged };
  }

  private writerOf(key: Value, value: Value): number | null {
    const number = this.writers.get(`${identityOf(key)} ${identityOf(value)}`);
    if (number !== undefined && number !== SEVERAL) return number;
    this.ambiguousReads++;
    return null;
  }

  private split(operation: Operation): { key: Value; value: Value } {
    return this.options.keyed ? splitKeyed(operation) : { key: null, value: operation.value };
  }

  /** An answer that repeats what was asked says that it swapped, as Jepsen's do. */
  private swapped(completion: Operation, asked: Value): boolean {
    const { value } = this.split(completion);
    if (identityOf(value) === identityOf(asked)) return true;
    const answer = isRecord(value) ? value['swapped'] : undefined;
    if (typeof answer === 'boolean') return answer;
    throw malformed(completion, '{swapped: true or false}');
  }
}

function comparison(operation: Operation, value: Value): { from: Value; to: Value } {
  if (isList(value) && value.length === 2) return { from: value[0] ?? null, to: value[1] ?? null };
  if (isRecord(value) && 'from' in value && 'to' in value) {
    return { from: value['from'] ?? null, to: value['to'] ?? null };
  }
  throw malformed(operation, '{from, to} or [from, to]');
}

/** Names the session of a pair; null when it was asked in one and answered in another. */
export function sessionNames(
  pairs: readonly OperationPair[],
): (pair: OperationPair) => string | null {
  const plainName = ({ invoke, completion }: OperationPair): string | null => {
    const asked = invoke.session ?? completion?.session;
    const answered = completion?.session ?? asked;
    return asked === answered ? (asked ?? `process ${String(invoke.process)}`) : null;
  };
  const ends = new Map<string, number>();
  const overlapping = new Set<string>();
  for (const pair of pairs) {
    const name = plainName(pair);
    if (name === null) continue;
    const end = ends.get(name) ?? -1;
    if (pair.invoke.index < end) overlapping.add(name);
    ends.set(name, Math.max(end, pair.completion?.index ?? Infinity));
  }
  return (pair) => {
    const name = plainName(pair);
    if (name === null || !overlapping.has(name)) return name;
    return `${name}, process ${String(pair.invoke.process)}`;
  };
}
