/** The clock of a Docker node's server, made wrong from the host: its processes' vDSO is changed. */
import type { Timer } from '../../../clock.ts';
import { Lack } from '../../../means.ts';
import type { ClockSkew, NodeClock } from '../../../means/clock.ts';
import type { Armed, Observation, Verification } from '../../../nemesis.ts';
import { MILLISECOND } from '../../../operation.ts';
import type { Undo, UndoAct } from '../../../undo.ts';
import type { NodeHost } from '../node-host.ts';
import { undoAll } from '../undo/perform.ts';
import { restoreClockAct } from '../undo/restore-clock.ts';
import {
  clockState,
  hasBytes,
  layoutOf,
  ownImage,
  patchOf,
  readBytes,
  type VdsoBytes,
  type VdsoLayout,
  writeBytes,
} from './clock-patch.ts';
import { offMillis, stubFor } from './clock-stub.ts';
import { tryClock } from './clock-trial.ts';
import { LogStamps } from './log-stamps.ts';

/** A server that is started again has its clock made wrong within this time. */
const KEEP_PERIOD = 10 * MILLISECOND;
/** Every so many periods, also a server that is still the same: it may have started others. */
const FULL_LOOK = 20;
const REHEARSAL_MS = 60_000;
/** The time at which it fired is known in whole milliseconds. */
const ROUNDING_MS = 1;

/** Nodes of which we know that we are root on their host, whether they run or not. */
const REACHED = new WeakSet<NodeHost>();

/** The node's clock, or why it has none that can be made wrong. */
export function nodeClock(host: NodeHost): NodeClock | Lack {
  if (host.initPid() !== null) REACHED.add(host);
  if (!REACHED.has(host)) return new Lack(`needs root on the engine's host`);
  if (process.arch !== 'x64') {
    return new Lack(`the changed clock functions are for x86-64, and this host is ${process.arch}`);
  }
  try {
    const layout = layoutOf(ownImage());
    return {
      skew: async (skew) => {
        rehearsed ??= rehearse(host, layout);
        await rehearsed.catch((error: unknown) => {
          rehearsed = null; // Perhaps the machine was only busy.
          throw error;
        });
        return new ArmedClock(host, skew, layout);
      },
    };
  } catch (error) {
    return new Lack(error instanceof Error ? error.message : String(error));
  }
}

let rehearsed: Promise<void> | null = null;

/** Once, on a process of our own: what this kernel does not let us do is known before anything is broken. */
async function rehearse({ context }: NodeHost, layout: VdsoLayout): Promise<void> {
  const patch = patchOf(layout, stubFor({ kind: 'jump', by: REHEARSAL_MS * MILLISECOND }, 0));
  const { aheadMillis } = await tryClock(context.clock, patch);
  if (Math.abs(aheadMillis - REHEARSAL_MS) < REHEARSAL_MS / 2) return;
  throw new Error(`a changed clock is ${signed(aheadMillis)} ms ahead, not ${REHEARSAL_MS}`);
}

class ArmedClock implements Armed {
  readonly undo: Undo;
  readonly #restore: UndoAct;
  readonly #host: NodeHost;
  readonly #skew: ClockSkew;
  readonly #layout: VdsoLayout;
  readonly #stamps: LogStamps;
  /** Wall-clock milliseconds since 1970 when it fired. */
  #since = 0;
  #patch: readonly VdsoBytes[] = [];
  #keeper: Timer | null = null;
  #failure: string | null = null;

  constructor(host: NodeHost, skew: ClockSkew, layout: VdsoLayout) {
    this.#host = host;
    this.#skew = skew;
    this.#layout = layout;
    this.#stamps = new LogStamps(host, skew.kind);
    const pids = host.serverPids();
    for (const pid of pids) {
      const state = clockState(pid, layout.pristine);
      if (state === 'other' || state === 'skewed')
        throw new Error(`${host.name}: the clock functions of process ${pid} are not the kernel's`);
    }
    this.#restore = restoreClockAct(host.name, layout.pristine, pids);
    // Should the harness die in the millisecond in which the server stands still.
    this.undo = [this.#restore, { act: 'resume', node: host.name }];
  }

  fire(): void {
    this.#since = this.#host.context.clock.wallMillis();
    this.#patch = patchOf(this.#layout, stubFor(this.#skew, this.#since));
    this.#change();
    this.#stamps.fired();
    this.#keep(this.#host.incarnation(), 1);
  }

  async done(): Promise<void> {
    // It is done when `fire` returns.
  }

  async verify(): Promise<Verification> {
    const bytes = this.#seeBytes(this.#patch, 'changed');
    const reading = await this.#seeReading((at) => this.#off(at));
    const stamps = this.#stamps.see((at) => this.#off(at));
    const failures = this.#failure === null ? [] : [this.#told(this.#failure)];
    return verdict([bytes, reading, ...stamps, ...failures]);
  }

  async heal(): Promise<void> {
    this.#keeper?.cancel();
    this.#keeper = null;
    await undoAll([this.#restore], this.#host.hands);
    this.#stamps.healed();
  }

  async verifyHealed(): Promise<Verification> {
    if (this.#host.serverPids().length === 0) {
      // It is started again with the kernel's own.
      return { verified: true, observations: [this.#told('no server runs', true)] };
    }
    const bytes = this.#seeBytes(this.#layout.pristine, `the kernel's own`);
    const reading = await this.#seeReading(() => 0);
    const seen = verdict([bytes, reading, ...this.#stamps.see(() => 0)]);
    if (seen.verified) this.#stamps[Symbol.dispose]();
    return seen;
  }

  disarm(): void {
    this.#stamps[Symbol.dispose]();
  }

  /** Gives the stub to every process of the server that has not got it. */
  #change(): void {
    for (const pid of this.#host.serverPids()) {
      if (clockState(pid, this.#layout.pristine) !== 'pristine') continue;
      writeBytes(pid, this.#patch, this.#layout.pristine);
    }
  }

  /** Looks after servers that are started again, until healed. */
  #keep(before: string | null, round: number): void {
    const { clock } = this.#host.context;
    this.#keeper = clock.at(clock.now() + KEEP_PERIOD, () => {
      const now = this.#host.incarnation();
      try {
        if (now !== before || round % FULL_LOOK === 0) this.#change();
      } catch (error) {
        this.#failure = error instanceof Error ? error.message : String(error);
      }
      this.#keep(now, round + 1);
    });
  }

  #off(at: number): number {
    return offMillis(this.#skew, this.#since, at);
  }

  #seeBytes(wanted: readonly VdsoBytes[], word: string): Observation {
    const pids = this.#host.serverPids();
    const having = pids.filter((pid) => hasBytes(pid, wanted));
    return {
      means: `clock functions of ${this.#host.name}`,
      seen: `${having.length} of ${pids.length} processes of the server have ${word}`,
      confirms: pids.length > 0 && having.length === pids.length,
    };
  }

  /** Has a process of our own run the bytes that the server has. */
  async #seeReading(expected: (at: number) => number): Promise<Observation> {
    const means = `a process that runs the clock functions of ${this.#host.name}`;
    const [pid] = this.#host.serverPids();
    const bytes = pid === undefined ? null : readBytes(pid, patchOf(this.#layout, NO_STUB));
    if (bytes === null) return { means, seen: 'no server runs', confirms: false };
    const reading = await tryClock(this.#host.context.clock, bytes);
    const { trueMillis, aheadMillis, errorMillis } = reading;
    const confirms = [-errorMillis, 0, errorMillis].some(
      (by) => Math.abs(expected(trueMillis + by) - aheadMillis) <= errorMillis + ROUNDING_MS,
    );
    return {
      means,
      seen: `wall clock ${signed(aheadMillis)} ms, monotonic clock as ours`,
      confirms,
    };
  }

  #told(seen: string, confirms = false): Observation {
    return { means: `server of ${this.#host.name}`, seen, confirms };
  }
}

/** Stands for where the stub is, whatever it says. */
const NO_STUB = stubFor({ kind: 'jump', by: 0 }, 0);

function verdict(observations: readonly Observation[]): Verification {
  return { verified: observations.every(({ confirms }) => confirms), observations };
}

function signed(millis: number): string {
  return `${millis < 0 ? '' : '+'}${millis.toFixed(1)}`;
}
