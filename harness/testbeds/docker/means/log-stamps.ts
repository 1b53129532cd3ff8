/**
 * The time stamps that a server writes in its own log: what it takes the time to be, told by itself.
 *
 * Only where its log has stamps that agreed with the host's clock before the fault; a log in another time zone, or with
 * none, tells nothing.
 */
import type { ClockSkew } from '../../../means/clock.ts';
import type { Observation } from '../../../nemesis.ts';
import { type Nanoseconds, MILLISECOND } from '../../../operation.ts';
import type { NodeHost } from '../node-host.ts';

/** `2026-11-21T16:30:00.123456Z`, `2026-11-21 16:30:00,123`, in UTC when no zone is told. */
const STAMP = /(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?/;
/** A line may lie in a buffer for so long. */
const LAG_MS = 1_500;
/** Lines told so soon after the act may have been written before it. */
const SETTLING: Nanoseconds = 300 * MILLISECOND;

interface Sighting {
  /** The host's wall clock when the line was told: milliseconds since 1970. */
  readonly host: number;
  readonly aheadMillis: number;
}

export class LogStamps implements Disposable {
  /** A line may have been written in either phase of a strobe. */
  readonly #steady: boolean;
  readonly #host: NodeHost;
  readonly #following: Disposable;
  #usable = false;
  #fired = false;
  #settled: Nanoseconds = 0;
  #last: Sighting | null = null;

  constructor(host: NodeHost, kind: ClockSkew['kind']) {
    this.#steady = kind !== 'strobe';
    this.#host = host;
    this.#following = host.followLog((line, at) => this.#told(line, at));
  }

  /** The clock is wrong from now on. */
  fired(): void {
    this.#fired = true;
    this.#settle();
  }

  /** The clock is right again from now on. */
  healed(): void {
    this.#settle();
  }

  /** What the last line since then told, if the log tells the time at all and the difference is large enough for it. */
  see(expected: (at: number) => number): readonly Observation[] {
    const last = this.#last;
    if (last === null || !this.#steady) return [];
    const due = expected(last.host);
    if (this.#fired && due !== 0 && Math.abs(due) < 2 * LAG_MS) return [];
    const confirms = Math.abs(last.aheadMillis - due) <= LAG_MS;
    const seen = `${(last.aheadMillis / 1000).toFixed(1)} s ahead of the host`;
    return [{ means: `time stamps in the log of ${this.#host.name}`, seen, confirms }];
  }

  [Symbol.dispose](): void {
    this.#following[Symbol.dispose]();
  }

  #settle(): void {
    this.#last = null;
    this.#settled = this.#host.context.clock.now() + SETTLING;
  }

  #told(line: string, at: Nanoseconds): void {
    const stamp = stampMillis(line);
    if (stamp === null) return;
    const host = this.#host.context.clock.wallMillis();
    const aheadMillis = stamp - host;
    if (!this.#fired) this.#usable = Math.abs(aheadMillis) <= LAG_MS;
    else if (this.#usable && at >= this.#settled) this.#last = { host, aheadMillis };
  }
}

/** The first time stamp of a line, in milliseconds since 1970. */
export function stampMillis(line: string): number | null {
  const found = STAMP.exec(line);
  if (found === null) return null;
  const [, date, time, fraction = '0', zone = 'Z'] = found;
  const millis = Date.parse(`${date}T${time}.${fraction.slice(0, 3).padEnd(3, '0')}${zone}`);
  return Number.isNaN(millis) ? null : millis;
}
