/**
 * Event logs of a correct cluster, by chance: three masters and two workers live through kills, pauses and partitions of
 * which the log tells only intervals; leaders are elected, with split votes; workers register again; membership changes
 * spread; polls fail. Everything happens in virtual time, in steps of a tenth of a second.
 *
 * What is promised: a leader within 3 s of a live and linked majority, a worker on the leader's list, with all its state,
 * within 2 s of both being connected, and one configuration everywhere within 2 s. So T = 6 s must never be accused.
 */
import type { RunEvent, WorkerState } from '../../harness/event.ts';
import type { FaultRecord, FaultStep } from '../../harness/nemesis.ts';
import { SECOND } from '../../harness/operation.ts';

export const MASTERS = ['n1', 'n2', 'n3'];
export const WORKERS = ['w1', 'w2'];
export const ALL = [...MASTERS, ...WORKERS];
/** Of each run, and from when on no fault is in effect. */
export const END = 120;
export const QUIET = 80;
/** What is promised above holds within this, in milliseconds. */
export const BOUND_MS = 6_000;

const STEP = 0.1;

export interface EventLog {
  readonly events: RunEvent[];
  readonly faults: FaultRecord[];
}

/** Random numbers in [0, 1), fixed by the seed (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Kind = 'kill' | 'pause' | 'cut';

interface Outage {
  readonly kind: Kind;
  readonly node: string;
  readonly from: number;
  readonly to: number;
}

interface Reign {
  readonly node: string;
  readonly term: number;
  readonly since: number;
}

export const DECLARED = { id: 7, slots: 4 };

/** A whole run. */
export function correctLog(seed: number): EventLog {
  return new VirtualCluster(chance(seed)).log();
}

class VirtualCluster {
  private readonly random: () => number;
  private readonly events: RunEvent[] = [];
  private readonly outages: readonly Outage[];
  private reign: Reign | null = null;
  /** Since when there has been no leader that a majority can reach. */
  private leaderless: number | null = 0;
  private patience = 1;
  private term = 0;
  private lastTerm = 0;
  /** Leaders that lost their majority, and until when they do not know it. */
  private readonly deposed = new Map<string, { readonly term: number; readonly until: number }>();
  /** By worker: since when it has been connected with the leader, and how long it takes to register. */
  private readonly connected = new Map<
    string,
    { readonly since: number; readonly delay: number }
  >();
  private configuration = 1;
  private readonly known = new Map<string, { readonly configuration: number; since: number }>();
  private readonly nextPoll = new Map<string, number>();

  constructor(random: () => number) {
    this.random = random;
    const drawn = Array.from({ length: 2 + Math.floor(random() * 4) }, (): Outage => {
      const from = 15 + random() * 45;
      return {
        kind: this.pick<Kind>(['kill', 'pause', 'cut']),
        node: this.pick(ALL),
        from,
        to: Math.min(QUIET, from + 1 + random() * 15),
      };
    });
    this.outages = drawn.filter(
      (one, at) => !drawn.slice(0, at).some((other) => clash(one, other)),
    );
  }

  log(): EventLog {
    this.tell({ type: 'phase', phase: 'drive', notBefore: 0, notAfter: 0 });
    for (let time = 0; time < END; time += STEP) {
      this.tellOutages(time);
      this.elect(time);
      this.register(time);
      this.spread(time);
      for (const node of MASTERS) this.poll(node, time);
    }
    this.events.sort((a, b) => a.notAfter - b.notAfter);
    return { events: this.events, faults: this.outages.flatMap(recordsOf) };
  }

  private pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.random() * values.length)] as T;
  }

  private tell(event: RunEvent): void {
    this.events.push(event);
  }

  /** An interval that holds the moment. */
  private around(time: number): { notBefore: number; notAfter: number } {
    return {
      notBefore: Math.max(0, Math.round((time - this.random() * 0.2) * SECOND)),
      notAfter: Math.round((time + this.random() * 0.2) * SECOND),
    };
  }

  private isAlive(node: string, time: number): boolean {
    return !this.outages.some(
      (outage) => outage.kind !== 'cut' && outage.node === node && covers(outage, time),
    );
  }

  private areLinked(one: string, other: string, time: number): boolean {
    return !this.outages.some(
      ({ kind, node, ...times }) =>
        kind === 'cut' && (node === one || node === other) && covers(times, time),
    );
  }

  private reaches(one: string, other: string, time: number): boolean {
    if (!this.isAlive(one, time) || !this.isAlive(other, time)) return false;
    return one === other || this.areLinked(one, other, time);
  }

  private hasMajority(node: string, time: number): boolean {
    return MASTERS.filter((other) => this.reaches(node, other, time)).length >= 2;
  }

  private tellOutages(time: number): void {
    for (const outage of this.outages) {
      if (isAt(outage.from, time)) this.tell(this.change(outage, outage.from, false));
      if (isAt(outage.to, time)) this.tell(this.change(outage, outage.to, true));
    }
  }

  private change({ kind, node }: Outage, time: number, isOver: boolean): RunEvent {
    const at = this.around(time);
    if (kind === 'pause') return { type: isOver ? 'node-resumed' : 'node-paused', node, ...at };
    if (kind === 'kill') {
      if (isOver) return { type: 'node-up', node, ...at };
      return { type: 'node-down', node, cause: 'killed', expected: true, ...at };
    }
    const links = ALL.filter((other) => other !== node).flatMap((other) => [
      { from: node, to: other },
      { from: other, to: node },
    ]);
    return { type: isOver ? 'link-healed' : 'link-cut', links, ...at };
  }

  private elect(time: number): void {
    const { reign } = this;
    if (reign !== null && !this.hasMajority(reign.node, time)) {
      this.deposed.set(reign.node, { term: reign.term, until: time + this.random() * 4 });
      this.reign = null;
      this.connected.clear();
    }
    if (this.reign !== null) return;
    const candidates = MASTERS.filter((node) => this.hasMajority(node, time));
    if (candidates.length === 0) {
      this.leaderless = null;
      return;
    }
    if (this.leaderless === null) this.patience = 0.5 + this.random() * 2;
    this.leaderless ??= time;
    if (time - this.leaderless < this.patience) return;
    // Split votes cost terms, and no leadership.
    this.lastTerm = this.term;
    this.term += 1 + Math.floor(this.random() * this.random() * 4);
    this.reign = { node: this.pick(candidates), term: this.term, since: time };
    this.deposed.delete(this.reign.node);
    this.leaderless = null;
    this.patience = 0.5 + this.random() * 2;
  }

  private register(time: number): void {
    for (const worker of WORKERS) {
      const { reign } = this;
      if (reign === null || !this.reaches(reign.node, worker, time)) this.connected.delete(worker);
      else if (!this.connected.has(worker)) {
        this.connected.set(worker, { since: time, delay: this.random() * 2 });
      }
    }
  }

  /** A leader sometimes makes a new configuration, which reaches whom it reaches within two seconds. */
  private spread(time: number): void {
    const { reign } = this;
    if (reign === null) return;
    if (time < QUIET && this.random() < 0.01) this.configuration++;
    for (const node of MASTERS) {
      const known = this.known.get(node);
      if (known?.configuration === this.configuration) continue;
      if (!this.reaches(reign.node, node, time)) {
        if (known !== undefined) known.since = time;
        continue;
      }
      if (known === undefined || time - known.since > this.random() * 2) {
        this.known.set(node, { configuration: this.configuration, since: time });
      }
    }
  }

  private poll(node: string, time: number): void {
    if (time < (this.nextPoll.get(node) ?? 0)) return;
    this.nextPoll.set(node, time + 0.3 + this.random() * 0.4);
    const at = this.around(time);
    if (!this.isAlive(node, time) || this.random() < 0.15) {
      this.tell({ type: 'poll-failed', observer: 'status', node, message: 'refused', ...at });
      return;
    }
    const reign = this.reign?.node === node ? this.reign : null;
    const past = this.deposed.get(node);
    // A new leader tells the term before for a moment; a deposed one that it leads.
    const term =
      reign !== null
        ? time - reign.since < 0.4
          ? this.lastTerm
          : reign.term
        : past !== undefined && time < past.until
          ? past.term
          : null;
    const role = term === null ? 'follower' : 'leader';
    this.tell({ type: 'role-seen', node, role, ...at });
    if (term !== null) this.tell({ type: 'leader-seen', node, term, ...at });
    this.tellView(node, at);
    if (reign !== null)
      for (const worker of WORKERS) this.tell(this.stateOf(worker, node, time, at));
  }

  private tellView(node: string, at: { notBefore: number; notAfter: number }): void {
    const known = this.known.get(node);
    if (known === undefined) return;
    const { configuration } = known;
    this.tell({
      type: 'membership-view',
      observer: node,
      configuration: String(configuration),
      members: membersOf(configuration),
      ...at,
    });
  }

  private stateOf(
    worker: string,
    observer: string,
    time: number,
    at: { notBefore: number; notAfter: number },
  ): WorkerState {
    const connection = this.connected.get(worker);
    const registered = connection !== undefined && time - connection.since >= connection.delay;
    const shown = registered ? DECLARED : {};
    return { type: 'worker-state', observer, worker, registered, declared: DECLARED, shown, ...at };
  }
}

/** The members of a configuration, whoever tells. */
export function membersOf(configuration: number): string[] {
  return MASTERS.slice(0, 1 + (configuration % MASTERS.length));
}

/** Faults claim what they act on: none pauses a process that another kills. */
function clash(one: Outage, other: Outage): boolean {
  if (one.node !== other.node || (one.kind === 'cut') !== (other.kind === 'cut')) return false;
  return one.from <= other.to + 1 && other.from <= one.to + 1;
}

function covers(
  { from, to }: { readonly from: number; readonly to: number },
  time: number,
): boolean {
  return time >= from && time < to;
}

function isAt(moment: number, time: number): boolean {
  return moment >= time && moment < time + STEP;
}

function recordsOf({ kind, node, from, to }: Outage, place: number): FaultRecord[] {
  const id = `${kind}-${String(place)}`;
  const step: FaultStep = {
    ...{ id, lane: kind, kind, selector: [node], draw: place },
    ...{ trigger: { at: from * SECOND }, heal: { at: to * SECOND } },
  };
  const resource = kind === 'cut' ? ('network' as const) : ('process' as const);
  const targets = { nodes: [node], claims: [{ node, resource }] };
  const at = (state: 'fired' | 'verified' | 'healed', time: number): FaultRecord => ({
    ...{ state, id, targets },
    notBefore: Math.round((time - 0.1) * SECOND),
    notAfter: Math.round((time + 0.3) * SECOND),
  });
  return [{ state: 'intended', step }, at('fired', from), at('verified', from), at('healed', to)];
}
