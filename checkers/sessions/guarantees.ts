/**
 * The four session guarantees (Terry et al., "Session guarantees for weakly consistent replicated data", 1994) on
 * registers whose values are written once each, in the form of Viotti and Vukolić ("Consistency in non-transactional
 * distributed storage systems", 2016): there is one order of all writes, shared by all sessions, in which each key's
 * value at the beginning is that key's first, and
 *
 * - monotonic reads: of two reads of a key in a session, the later reads the same write or a later one;
 * - read your writes: a read reads no write older than its session's own acknowledged writes of that key before it;
 * - monotonic writes: a session's acknowledged write comes before its next ones, of whatever key;
 * - writes follow reads: a write comes after every write that its session had read before, of whatever key; a
 *   compare-and-set that swapped reads before it writes.
 *
 * Nothing else orders writes: not real time, not other operations of other sessions. A write with an unknown outcome comes
 * after what its session had done before, if it ever happens, and before nothing.
 *
 * Each function is pure, takes time linear in the history, and returns null when such an order exists.
 */
import type { OrderStep } from './write-order.ts';
import { NO_REASON, WriteOrder } from './write-order.ts';
import type { SessionAccess, SessionHistory } from './session-history.ts';

export type Guarantee =
  'monotonic-reads' | 'read-your-writes' | 'monotonic-writes' | 'writes-follow-reads';

export const GUARANTEES: readonly Guarantee[] = [
  'monotonic-reads',
  'read-your-writes',
  'monotonic-writes',
  'writes-follow-reads',
];

/** Why no order of the writes exists: each of these must come before the next, all around. */
export interface BrokenGuarantee {
  readonly guarantees: readonly Guarantee[];
  readonly steps: readonly BrokenStep[];
}

/** The write numbered `from` must come before the one numbered `to`. */
export interface BrokenStep {
  readonly from: number;
  readonly to: number;
  /** Accesses of one session that show it, in its order; none: `from` is the value at the beginning. */
  readonly accesses: readonly SessionAccess[];
  readonly session: string | null;
}

export function monotonicReads(history: SessionHistory): BrokenGuarantee | null {
  return brokenGuarantee(history, ['monotonic-reads']);
}

export function readYourWrites(history: SessionHistory): BrokenGuarantee | null {
  return brokenGuarantee(history, ['read-your-writes']);
}

export function monotonicWrites(history: SessionHistory): BrokenGuarantee | null {
  return brokenGuarantee(history, ['monotonic-writes']);
}

export function writesFollowReads(history: SessionHistory): BrokenGuarantee | null {
  return brokenGuarantee(history, ['writes-follow-reads']);
}

/** Whether one order of the writes has all of these guarantees together. */
export function brokenGuarantee(
  history: SessionHistory,
  guarantees: readonly Guarantee[],
): BrokenGuarantee | null {
  const orders = new SessionOrders(history);
  for (const [session, accesses] of history.sessions) {
    orders.enter(session);
    if (guarantees.includes('monotonic-reads')) orders.addMonotonicReads(accesses);
    if (guarantees.includes('read-your-writes')) orders.addReadYourWrites(accesses);
    if (guarantees.includes('monotonic-writes')) orders.addMonotonicWrites(accesses);
    if (guarantees.includes('writes-follow-reads')) orders.addWritesFollowReads(accesses);
  }
  const steps = orders.findCycle();
  return steps === null ? null : { guarantees, steps };
}

/** A session's own acknowledged writes of one key so far, for read your writes. */
interface OwnWrites {
  readonly writes: number[];
  readonly reasons: number[];
  /** Behind junction i are the writes up to the i-th. */
  readonly junctions: number[];
  readonly positions: Map<number, number>;
  /** The own write that was read last although others had followed it, and how many there were then. */
  overtaken: { readonly position: number; upTo: number } | null;
}

class SessionOrders {
  private readonly history: SessionHistory;
  private readonly order: WriteOrder;
  private readonly reasons: { readonly access: SessionAccess; readonly session: string }[] = [];
  private session = '';

  constructor(history: SessionHistory) {
    this.history = history;
    this.order = new WriteOrder(history.writes.length);
    for (const [number, { initial }] of history.writes.entries()) {
      if (initial !== number) this.order.addEdge(initial, number, NO_REASON);
    }
  }

  enter(session: string): void {
    this.session = session;
  }

  addMonotonicReads(accesses: readonly SessionAccess[]): void {
    const last = new Map<number, { readonly read: number; readonly reason: number }>();
    for (const access of accesses) {
      if (access.read === null) continue;
      const reason = this.reasonOf(access);
      const key = this.keyOf(access.read);
      const before = last.get(key);
      if (before !== undefined && before.read !== access.read) {
        this.addStep(before.read, access.read, before.reason, reason);
      }
      last.set(key, { read: access.read, reason });
    }
  }

  addReadYourWrites(accesses: readonly SessionAccess[]): void {
    const keys = new Map<number, OwnWrites>();
    for (const access of accesses) {
      if (access.read !== null) {
        const own = keys.get(this.keyOf(access.read));
        if (own !== undefined) this.addOwnBefore(own, access.read, this.reasonOf(access));
      }
      if (access.written !== null && access.acknowledged) this.addOwnWrite(keys, access);
    }
  }

  addMonotonicWrites(accesses: readonly SessionAccess[]): void {
    let last: { readonly written: number; readonly reason: number } | null = null;
    for (const access of accesses) {
      const { written } = access;
      if (written === null) continue;
      const reason = this.reasonOf(access);
      if (last !== null) this.addStep(last.written, written, last.reason, reason);
      if (access.acknowledged) last = { written, reason };
    }
  }

  addWritesFollowReads(accesses: readonly SessionAccess[]): void {
    let seen: number | null = null;
    for (const access of accesses) {
      if (access.read !== null) {
        const junction = this.order.addJunction();
        if (seen !== null) this.order.addEdge(seen, junction, NO_REASON);
        this.order.addEdge(access.read, junction, this.reasonOf(access));
        seen = junction;
      }
      if (access.written !== null && seen !== null) {
        this.order.addEdge(seen, access.written, this.reasonOf(access));
      }
    }
  }

  findCycle(): BrokenStep[] | null {
    const cycle = this.order.findCycle();
    return cycle?.map((step) => this.brokenStep(step)) ?? null;
  }

  private addOwnWrite(keys: Map<number, OwnWrites>, access: SessionAccess): void {
    const written = access.written as number;
    const key = this.keyOf(written);
    const own = keys.get(key) ?? noOwnWrites();
    keys.set(key, own);
    const reason = this.reasonOf(access);
    const junction = this.order.addJunction();
    const before = own.junctions.at(-1);
    if (before !== undefined) this.order.addEdge(before, junction, NO_REASON);
    this.order.addEdge(written, junction, reason);
    own.positions.set(written, own.writes.length);
    own.writes.push(written);
    own.reasons.push(reason);
    own.junctions.push(junction);
  }

  /**
   * All own writes so far, but the one that was read, come before it. Of own writes that were read after being
   * overtaken only the last is remembered: to read an older one as well already makes a cycle.
   */
  private addOwnBefore(own: OwnWrites, read: number, reason: number): void {
    const position = own.positions.get(read) ?? -1;
    const count = own.writes.length;
    const before = own.junctions[position < 0 ? count - 1 : position - 1];
    if (before !== undefined) this.order.addEdge(before, read, reason);
    if (position < 0 || position === count - 1) return;
    const { overtaken } = own;
    if (overtaken !== null && position !== overtaken.position && position < overtaken.upTo) {
      this.addOwnStep(own, overtaken.position, read, reason);
      return;
    }
    const from = overtaken?.position === position ? overtaken.upTo : position + 1;
    for (let later = from; later < count; later++) {
      this.addOwnStep(own, later, read, reason);
    }
    own.overtaken = { position, upTo: count };
  }

  private addOwnStep(own: OwnWrites, position: number, read: number, reason: number): void {
    this.addStep(own.writes[position] as number, read, own.reasons[position] as number, reason);
  }

  /** Two accesses show it together; a junction between lets both be named. */
  private addStep(from: number, to: number, first: number, second: number): void {
    const junction = this.order.addJunction();
    this.order.addEdge(from, junction, first);
    this.order.addEdge(junction, to, second);
  }

  private keyOf(write: number): number {
    return this.history.writes[write]?.initial ?? write;
  }

  private reasonOf(access: SessionAccess): number {
    return this.reasons.push({ access, session: this.session }) - 1;
  }

  private brokenStep({ from, to, reasons }: OrderStep): BrokenStep {
    const named = reasons.flatMap((reason) => this.reasons[reason] ?? []);
    const accesses = named.map(({ access }) => access);
    return { from, to, accesses, session: named[0]?.session ?? null };
  }
}

function noOwnWrites(): OwnWrites {
  return { writes: [], reasons: [], junctions: [], positions: new Map(), overtaken: null };
}
