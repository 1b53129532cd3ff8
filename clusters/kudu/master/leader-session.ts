/** A worker's way to the leading master: one connection to it, looked for anew when it leads no more. */
import { DefiniteError } from '../../../harness/client.ts';
import type { Clock } from '../../../harness/clock.ts';
import type { Node } from '../../../harness/testbed.ts';
import { KuduError } from '../krpc/kudu-error.ts';
import { masterOutcome } from './errors.ts';
import { findLeadingMaster, type LeadingMaster } from './find-leader.ts';

let sessions = 0;

export class LeaderSession {
  readonly masters: readonly Node[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly #ordinal = ++sessions;
  #leader: LeadingMaster | null = null;
  #found = 0;

  constructor(masters: readonly Node[], clock: Clock, signal: AbortSignal) {
    this.masters = masters;
    this.clock = clock;
    this.signal = signal;
  }

  /** `4.2`: another name with every leader that is looked for. */
  get name(): string {
    return `${this.#ordinal}.${this.#found}`;
  }

  /** @throws DefiniteError `refused` when no master says that it leads */
  async leader(): Promise<LeadingMaster> {
    if (this.#leader?.connection.usable === true) return this.#leader;
    this.#leader = await findLeadingMaster(this.masters, this.clock, this.signal);
    if (this.#leader === null) {
      throw new DefiniteError('refused', 'no master says that it leads', { code: 'NO_LEADER' });
    }
    this.#found += 1;
    return this.#leader;
  }

  /** Runs one request on the leader. What made it fail decides whether the same leader is asked next. */
  async ask<T>(request: (leader: LeadingMaster) => Promise<T>): Promise<T> {
    const leader = await this.leader();
    try {
      return await request(leader);
    } catch (error) {
      if (!isAnswer(error)) this.close();
      throw error;
    }
  }

  close(): void {
    this.#leader?.connection.close();
    this.#leader = null;
  }
}

/** The leader's own answer to the request; anything else means that it is gone, silent, or leads no more. */
function isAnswer(error: unknown): boolean {
  if (!(error instanceof KuduError)) return false;
  const outcome = masterOutcome(error);
  return outcome instanceof DefiniteError && outcome.reason === 'rejected';
}
