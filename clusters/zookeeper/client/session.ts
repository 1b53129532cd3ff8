/**
 * A worker's session: opened on demand, so that an operation after a lost connection begins a new session before it
 * sends anything; never re-sends. Turns the server's codes into what they mean for the operation.
 */
import type { Clock } from '../../../harness/clock.ts';
import { realClock } from '../../../harness/clock.ts';
import { KeeperError, outcomeOf } from '../errors.ts';
import { connectSession, type Connection, type ConnectionOptions } from './connection.ts';
import { ANY_VERSION, create, setData } from './requests.ts';

/** Where sessions keep the ephemeral node that a strict read writes first. */
export const BARRIERS = '/faultline/barriers';

const NOTHING = new Uint8Array(0);

export interface SessionOptions {
  /** Session timeout to ask for, in milliseconds. Default: connectSession's. */
  readonly timeoutMs?: number | undefined;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

export class Session {
  private readonly clock: Clock;
  private readonly address: string;
  private readonly signal: AbortSignal;
  private readonly timeoutMs: number | undefined;
  private connection: Connection | null = null;
  private barrier: string | null = null;

  /** @param signal aborted when everything in flight is to be given up. */
  constructor(address: string, signal: AbortSignal, options: SessionOptions = {}) {
    this.address = address;
    this.signal = signal;
    this.timeoutMs = options.timeoutMs;
    this.clock = options.clock ?? realClock();
  }

  /** The id of the session in hexadecimal, or `none` before the first. */
  get name(): string {
    return this.connection?.session ?? 'none';
  }

  /** The connection; a new session when the last one was lost. @throws DefiniteError when none is given. */
  async connected(): Promise<Connection> {
    if (this.connection?.usable !== true) {
      this.connection = await connectSession(this.server(), this.clock, this.signal);
      this.barrier = null;
    }
    return this.connection;
  }

  /**
   * Makes what is read next on this session at least as new as every write that was acknowledged before: a write
   * of the session's own goes through the quorum, and the session's server answers once it has applied it.
   */
  async writeBarrier(connection: Connection): Promise<void> {
    if (this.barrier !== null) {
      await setData(connection, this.barrier, NOTHING, ANY_VERSION);
      return;
    }
    const path = `${BARRIERS}/${connection.session}`;
    await create(connection, path, NOTHING, 'ephemeral');
    this.barrier = path;
  }

  async close(): Promise<void> {
    await this.connection?.close();
  }

  /** Closes the socket alone: the session ends by its timeout. */
  leave(): void {
    this.connection?.destroy();
  }

  private server(): ConnectionOptions {
    const { address, timeoutMs } = this;
    return timeoutMs === undefined ? { address } : { address, timeoutMs };
  }
}

/** Runs one operation's requests; a server's error code becomes what errors.ts says it means. */
export async function settle<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof KeeperError ? outcomeOf(error) : error;
  }
}

/** The result, or the fallback when the server answers with this code. */
export async function unless<T, F>(work: Promise<T>, code: string, fallback: F): Promise<T | F> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof KeeperError && error.code === code) return fallback;
    throw error;
  }
}
