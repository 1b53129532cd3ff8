/**
 * One session with one ZooKeeper server over one socket. Requests are sent once and never again; a lost socket ends
 * the connection for good, and whoever waits is told so.
 */
import { connect, type Socket } from 'node:net';
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import type { Clock, Timer } from '../../../harness/clock.ts';
import { MILLISECOND, type Nanoseconds } from '../../../harness/operation.ts';
import { KeeperError } from '../errors.ts';
import { FrameSplitter } from '../../wire/frames.ts';
import { JuteReader } from './jute.ts';
import * as records from './records.ts';

export interface ConnectionOptions {
  readonly address: string;
  /** Default: 2181. */
  readonly port?: number;
  /** Session timeout to ask for, in milliseconds. Default: 10 000. */
  readonly timeoutMs?: number;
}

interface Waiting {
  readonly xid: number;
  readonly request: string;
  readonly resolve: (reply: JuteReader) => void;
  readonly reject: (error: Error) => void;
}

/** Opens a session. Aborting `signal` closes the connection, now or later.
 * @throws DefiniteError `refused`: no session was given, so nothing can have been asked. */
export async function connectSession(
  options: ConnectionOptions,
  clock: Clock,
  signal: AbortSignal,
): Promise<Connection> {
  const socket = connect({ host: options.address, port: options.port ?? 2181, noDelay: true });
  const connection = new Connection(socket, clock, signal);
  await connection.begin(options.timeoutMs ?? 10_000);
  return connection;
}

export class Connection {
  private readonly socket: Socket;
  private readonly clock: Clock;
  private readonly signal: AbortSignal;
  private readonly frames = new FrameSplitter();
  private readonly waiting: Waiting[] = [];
  private begun: { resolve: () => void; reject: (error: Error) => void } | null = null;
  private lost: Error | null = null;
  private nextXid = 1;
  private timeout: Nanoseconds = 0;
  private lastSent: Nanoseconds = 0;
  private lastHeard: Nanoseconds = 0;
  private heartbeat: Timer | null = null;
  private identity = 0n;

  /** Use `connectSession`. */
  constructor(socket: Socket, clock: Clock, signal: AbortSignal) {
    this.socket = socket;
    this.clock = clock;
    this.signal = signal;
    signal.addEventListener('abort', this.abort, { once: true });
    socket.on('data', (bytes: Buffer) => this.receive(bytes));
    socket.on('error', (error) => this.end(error));
    socket.on('close', () => this.end(new Error('the server closed the connection')));
  }

  /** The session's id in hexadecimal, as ZooKeeper's logs print it. */
  get session(): string {
    return BigInt.asUintN(64, this.identity).toString(16);
  }

  /** False once the socket is gone: nothing can be sent, and nothing will be. */
  get usable(): boolean {
    return this.lost === null;
  }

  /** The session timeout that the server granted, in milliseconds. */
  get timeoutMs(): number {
    return this.timeout / MILLISECOND;
  }

  /** Asks for a session and waits for the answer. Called once, by `connectSession`. */
  begin(timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.begun = { resolve, reject: (error) => reject(refusal(error)) };
      if (this.signal.aborted) return this.abort();
      this.socket.write(records.connectRequest(timeoutMs));
    });
  }

  /**
   * Sends one request and resolves with the body of its answer.
   * @param encode makes the frame from the xid. @param request names it in errors (`setData /a`).
   * @throws KeeperError the server's own error code; DefiniteError when nothing was sent; IndefiniteError when the
   * connection was lost before the answer.
   */
  send(request: string, encode: (xid: number) => Buffer): Promise<JuteReader> {
    if (this.lost !== null) {
      const message = `${request}: not sent, the connection is gone (${this.lost.message})`;
      return Promise.reject(new DefiniteError('refused', message, { code: 'NOTCONNECTED' }));
    }
    const xid = this.nextXid;
    this.nextXid = xid === 0x7fffffff ? 1 : xid + 1;
    return new Promise((resolve, reject) => {
      this.waiting.push({ xid, request, resolve, reject });
      this.write(encode(xid));
    });
  }

  /** Ends the session on the server (its ephemeral nodes go) and closes. Never throws; bounded by the signal. */
  async close(): Promise<void> {
    if (this.lost !== null) return;
    try {
      await this.send('closeSession', (xid) =>
        records.bareRequest(xid, records.OPCODE.closeSession),
      );
    } catch (error) {
      // Only tidiness is lost: the session then ends by its timeout.
      this.end(error instanceof Error ? error : new Error(String(error)));
    }
    this.end(new Error('closed by the client'));
  }

  /** Closes the socket at once; the session ends on the server by its timeout. */
  destroy(): void {
    this.end(new Error('closed by the client'));
  }

  private readonly abort = (): void => {
    this.end(new Error('given up by the caller'));
  };

  private write(frame: Buffer): void {
    this.lastSent = this.clock.now();
    this.socket.write(frame);
  }

  private receive(bytes: Buffer): void {
    this.lastHeard = this.clock.now();
    try {
      for (const frame of this.frames.push(bytes)) this.handle(new JuteReader(frame));
    } catch (error) {
      this.end(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private handle(reader: JuteReader): void {
    if (this.begun !== null) return this.accept(records.readConnectResponse(reader), this.begun);
    const header = records.readReplyHeader(reader);
    if (header.xid === records.PING_XID || header.xid === records.WATCH_XID) return;
    const [waiting] = this.waiting;
    if (waiting?.xid !== header.xid) {
      const expected = waiting === undefined ? 'none' : String(waiting.xid);
      throw new Error(`answer to request ${header.xid}, expected ${expected}`);
    }
    this.waiting.shift();
    if (header.error === 0) waiting.resolve(reader);
    else waiting.reject(new KeeperError(header.error, waiting.request));
  }

  private accept(
    response: records.ConnectResponse,
    begun: { resolve: () => void; reject: (error: Error) => void },
  ): void {
    if (response.timeoutMs <= 0) return this.end(new Error('the server refused the session'));
    this.begun = null;
    this.identity = response.sessionId;
    this.timeout = response.timeoutMs * MILLISECOND;
    this.beat();
    begun.resolve();
  }

  /** Pings after a third of the timeout without a request; after two thirds without a word the server is lost. */
  private beat(): void {
    const now = this.clock.now();
    if (now - this.lastHeard > (this.timeout * 2) / 3) {
      return this.end(new Error('no word from the server for two thirds of the session timeout'));
    }
    const idle = this.timeout / 3;
    if (now - this.lastSent >= idle) {
      this.write(records.bareRequest(records.PING_XID, records.OPCODE.ping));
    }
    this.heartbeat = this.clock.at(now + idle / 2, () => this.beat());
  }

  private end(reason: Error): void {
    if (this.lost !== null) return;
    this.lost = reason;
    this.heartbeat?.cancel();
    this.signal.removeEventListener('abort', this.abort);
    this.socket.destroy();
    this.begun?.reject(reason);
    for (const { request, reject } of this.waiting.splice(0)) {
      const message = `${request}: connection lost (${reason.message})`;
      reject(new IndefiniteError(message, { code: 'CONNECTIONLOSS', cause: reason }));
    }
  }
}

function refusal(error: Error): DefiniteError {
  const code = (error as NodeJS.ErrnoException).code ?? 'NOSESSION';
  return new DefiniteError('refused', `no session: ${error.message}`, { code, cause: error });
}
