/** When operations got service in a run, and when they were tried in vain. */
import type { RecordedRun } from '../../harness/checker.ts';
import type { Stall } from '../../harness/event.ts';
import type { Nanoseconds, NodeName, Value } from '../../harness/operation.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import { isService, pairOperations } from '../operation-pairs.ts';
import type { OperationPair } from '../operation-pairs.ts';
import { quorumWindows } from '../quorum-windows.ts';
import type { Interval } from '../quorum-windows.ts';
import { Stalls } from '../stalls.ts';

export interface ServiceOptions {
  /** T. */
  readonly recovery: Nanoseconds;
  /** A stall of the harness so long excuses the time around it. */
  readonly stallBound: Nanoseconds;
  /** The phase from whose beginning all nodes count as up. */
  readonly mainPhase: Value;
  /** Only operations of this `f` are looked at; null: of any. */
  readonly only: string | null;
}

/** A time in which operations were tried in vain. */
export interface Gap extends Interval {
  readonly attempts: readonly OperationPair[];
}

/** A gap in which the events prove a quorum. */
export interface QuorumGap extends Gap {
  readonly quorum: readonly NodeName[];
}

export class ServiceRecord {
  readonly run: RecordedRun;
  readonly options: ServiceOptions;
  /** When the main phase began, or else the first operation. */
  readonly begin: Nanoseconds;
  private readonly end: Nanoseconds;
  private readonly pairs: readonly OperationPair[];
  /** When operations got service, ascending. */
  private readonly services: readonly Nanoseconds[];
  private readonly stalls: Stalls;
  /** Stalls without which some time would have been held against the system. */
  private readonly excuses = new Set<Stall>();

  constructor(run: RecordedRun, options: ServiceOptions) {
    this.run = run;
    this.options = options;
    const phase = run.events.find(
      (event) => event.type === 'phase' && event.phase === options.mainPhase,
    );
    this.begin = phase?.notAfter ?? run.history[0]?.time ?? 0;
    this.end = run.history.at(-1)?.time ?? 0;
    const isMeant = (f: string): boolean => options.only === null || f === options.only;
    this.pairs = pairOperations(run.history).filter(({ invoke }) => isMeant(invoke.f));
    this.services = run.history
      .filter(({ type, f }) => type !== 'invoke' && isMeant(f))
      .filter(isService)
      .map(({ time }) => time);
    this.stalls = new Stalls(run.events, options.stallBound);
  }

  firstServiceFrom(time: Nanoseconds): Nanoseconds | null {
    return this.services.find((service) => service >= time) ?? null;
  }

  /** The time from `from` to the first service, when operations were tried in vain for longer than T in it. */
  gapFrom(from: Nanoseconds): Gap | null {
    const to = this.firstServiceFrom(from) ?? this.end;
    return this.gapIn({ from, to }, this.run.facts.nodes);
  }

  /** The first such time in which the events prove a quorum, and operations were tried on its nodes. */
  quorumGap(): QuorumGap | null {
    for (const { quorum, windows } of quorumWindows(this.run, this.begin, this.end)) {
      for (const window of windows) {
        const inside = this.services.filter((time) => time > window.from && time < window.to);
        const edges = [window.from, ...inside, window.to];
        for (const [index, from] of edges.entries()) {
          const gap = this.gapIn({ from, to: edges[index + 1] ?? from }, quorum);
          if (gap !== null) return { ...gap, quorum };
        }
      }
    }
    return null;
  }

  /** Long stalls since the beginning. */
  excessiveStalls(): Stall[] {
    return this.stalls.excessive().filter(({ notAfter }) => notAfter >= this.begin);
  }

  /** Pressure on the CPU makes answers late, never early: it matters only where an answer was late. */
  stallsThatMatter(): Stall[] {
    return this.excessiveStalls().filter(
      (stall) => stall.cause !== 'cpu' || this.excuses.has(stall),
    );
  }

  figures(healedAt: Nanoseconds | null): Record<string, Value> {
    const first = healedAt === null ? null : this.firstServiceFrom(healedAt);
    return {
      recoveryBoundMs: this.options.recovery / MILLISECOND,
      recoveredAfterMs:
        first === null || healedAt === null ? null : Math.round((first - healedAt) / MILLISECOND),
      longestWaitMs: Math.round(this.longestWait({ from: this.begin, to: Infinity }) / MILLISECOND),
    };
  }

  /** The longest time between two services, or from the beginning to the first, that ends in an interval. */
  longestWait({ from, to }: Interval): Nanoseconds {
    let last = this.begin;
    let longest = 0;
    for (const time of this.services) {
      if (time >= from && time <= to) longest = Math.max(longest, time - last);
      last = time;
    }
    return longest;
  }

  private gapIn(interval: Interval, nodes: readonly NodeName[]): Gap | null {
    const bound = this.options.recovery + this.stalls.delayIn(interval);
    if (interval.to - interval.from < bound) return null;
    const attempts = this.pairs.filter(
      ({ invoke }) =>
        invoke.time >= interval.from && invoke.time <= interval.to && nodes.includes(invoke.node),
    );
    if (attempts.length === 0) return null;
    // Of all operations somebody's is enough. Of one kind each node must have been asked: a node that is linked with the
    // quorum, but not with a leader outside of it, need not answer alone.
    const asked =
      this.options.only === null
        ? this.isAsking(attempts, interval, nodes, bound)
        : nodes.every((node) => this.isAsking(attempts, interval, [node], bound));
    if (!asked) return null;
    const excuses = this.stalls
      .excessiveIn(interval)
      .filter((stall) => stall.notAfter >= this.begin);
    for (const stall of excuses) this.excuses.add(stall);
    return excuses.length === 0 ? { ...interval, attempts } : null;
  }

  /** Asked at the beginning, and T later still asking in vain. What got service itself must have waited for all of T. */
  private isAsking(
    attempts: readonly OperationPair[],
    interval: Interval,
    nodes: readonly NodeName[],
    bound: Nanoseconds,
  ): boolean {
    const asked = this.firstAsked(interval, nodes);
    return attempts.some(({ invoke, completion }) => {
      if (!nodes.includes(invoke.node)) return false;
      const end = Math.min(completion?.time ?? this.end, interval.to);
      const served = completion !== null && isService(completion);
      return end - (served ? invoke.time : asked) >= bound;
    });
  }

  /** Since when operations on these nodes were outstanding in an interval: from its beginning, or when one was begun. */
  private firstAsked({ from }: Interval, nodes: readonly NodeName[]): Nanoseconds {
    const first = this.pairs.find(
      ({ invoke, completion }) =>
        (completion?.time ?? this.end) >= from &&
        (completion === null || !isService(completion)) &&
        nodes.includes(invoke.node),
    );
    return Math.max(from, first?.invoke.time ?? Infinity);
  }
}
