/**
 * One KRPC connection to one server. A call is sent once and never again; a lost socket ends the connection for good, and
 * whoever waits is told so.
 */
import { connect, type Socket } from 'node:net';
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import type { Clock, Timer } from '../../../harness/clock.ts';
import { MILLISECOND } from '../../../harness/operation.ts';
import { FrameSplitter } from '../../wire/frames.ts';
import { Message } from '../../wire/protobuf.ts';
import {
  type AnswerFrame,
  callFrame,
  CONTEXT_CALL,
  NEGOTIATION_CALL,
  PREAMBLE,
  readAnswerFrame,
  type RequestId,
  setUpFrame,
} from './frames.ts';
import { KuduError, rpcError } from './kudu-error.ts';
import {
  checkNegotiateAnswer,
  checkSaslAnswer,
  negotiateRequest,
  saslRequest,
} from './negotiation.ts';

export interface KrpcOptions {
  readonly address: string;
  readonly port: number;
  /** Default: `root`, whom the servers of our images run as, so that it may administer. */
  readonly user?: string;
  /** For connecting and negotiating. Default: 2000 ms. */
  readonly connectMs?: number;
}

/** One call of one method. */
export interface KrpcCall {
  /** `kudu.master.MasterService`. */
  readonly service: string;
  readonly method: string;
  /** The request's message. Default: one without fields. */
  readonly body?: Buffer;
  /** Told to the server, and waited for the answer. Default: 4000 ms, less than an operation's deadline. */
  readonly timeoutMs?: number;
  readonly requestId?: RequestId;
}

export interface KrpcAnswer {
  readonly body: Message;
  readonly sidecars: readonly Buffer[];
}

interface Waiting {
  /** `MasterService.ListTables`, for errors. */
  readonly call: string;
  readonly timer: Timer | null;
  readonly resolve: (answer: AnswerFrame) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Connects and negotiates. Aborting `signal` closes the connection, now or later.
 * @throws DefiniteError `refused`: there is no connection, so nothing can have been asked
 */
export async function connectKrpc(
  options: KrpcOptions,
  clock: Clock,
  signal: AbortSignal,
): Promise<KrpcConnection> {
  const { address, port, user = 'root', connectMs = 2000 } = options;
  const socket = connect({ host: address, port, noDelay: true });
  const connection = new KrpcConnection(socket, clock, signal);
  const limit = clock.at(clock.now() + connectMs * MILLISECOND, () =>
    connection.end(new Error(`no connection to ${address}:${port} within ${connectMs} ms`)),
  );
  try {
    await connection.negotiate(user);
    return connection;
  } catch (error) {
    connection.close();
    throw refusal(error);
  } finally {
    limit.cancel();
  }
}

export class KrpcConnection {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #frames = new FrameSplitter();
  readonly #waiting = new Map<number, Waiting>();
  readonly #abort = (): void => this.end(new Error('given up by the caller'));
  #lost: Error | null = null;
  #nextId = 1;

  /** Use `connectKrpc`. */
  constructor(socket: Socket, clock: Clock, signal: AbortSignal) {
    this.#socket = socket;
    this.#clock = clock;
    this.#signal = signal;
    signal.addEventListener('abort', this.#abort, { once: true });
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('error', (error) => this.end(error));
    socket.on('close', () => this.end(new Error('the server closed the connection')));
    if (signal.aborted) this.#abort();
  }

  /** False once the socket is gone: nothing can be sent, and nothing will be. */
  get usable(): boolean {
    return this.#lost === null;
  }

  /** Called once, by `connectKrpc`. */
  async negotiate(user: string): Promise<void> {
    if (this.#lost !== null) throw this.#lost;
    this.#socket.write(PREAMBLE);
    checkNegotiateAnswer((await this.#exchange(negotiateRequest())).body);
    checkSaslAnswer((await this.#exchange(saslRequest(user))).body);
    this.#socket.write(setUpFrame(CONTEXT_CALL, Buffer.alloc(0)));
  }

  /**
   * Sends one call and resolves with its answer, which may hold an error of the service's own.
   * @throws KuduError the RPC layer's own error; DefiniteError when nothing was sent; IndefiniteError when the answer did
   * not come in time or the connection was lost before it
   */
  async call(call: KrpcCall): Promise<KrpcAnswer> {
    const name = `${call.service.replace(/^.*\./, '')}.${call.method}`;
    if (this.#lost !== null) {
      const text = `${name}: not sent, the connection is gone (${this.#lost.message})`;
      throw new DefiniteError('refused', text, { code: 'NOT_CONNECTED' });
    }
    const { service, method, body = Buffer.alloc(0), timeoutMs = 4000, requestId } = call;
    const id = this.#nextId++;
    const frame = await new Promise<AnswerFrame>((resolve, reject) => {
      const timer = this.#clock.at(this.#clock.now() + timeoutMs * MILLISECOND, () => {
        this.#waiting.delete(id); // The answer may still come, and is then nobody's.
        reject(new IndefiniteError(`${name}: no answer in ${timeoutMs} ms`, TIMED_OUT));
      });
      this.#waiting.set(id, { call: name, timer, resolve, reject });
      this.#socket.write(callFrame({ id, service, method, timeoutMs, requestId }, body));
    });
    return { body: Message.read(frame.body), sidecars: frame.sidecars };
  }

  /** Whatever waits for an answer is told that it will not come. */
  close(): void {
    this.end(new Error('closed by the client'));
  }

  /** Ends the connection for this reason. Later reasons are ignored. */
  end(reason: Error): void {
    if (this.#lost !== null) return;
    this.#lost = reason;
    this.#signal.removeEventListener('abort', this.#abort);
    this.#socket.destroy();
    for (const [id, { call, timer, reject }] of this.#waiting) {
      this.#waiting.delete(id);
      timer?.cancel();
      const details = { code: 'CONNECTION_LOST', cause: reason };
      reject(new IndefiniteError(`${call}: connection lost (${reason.message})`, details));
    }
  }

  #exchange(body: Buffer): Promise<AnswerFrame> {
    return new Promise((resolve, reject) => {
      const waiting = { call: 'negotiation', timer: null, resolve, reject };
      this.#waiting.set(NEGOTIATION_CALL, waiting);
      this.#socket.write(setUpFrame(NEGOTIATION_CALL, body));
    });
  }

  #receive(bytes: Buffer): void {
    try {
      for (const frame of this.#frames.push(bytes)) this.#settle(readAnswerFrame(frame));
    } catch (error) {
      this.end(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #settle(answer: AnswerFrame): void {
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return; // It was given up in the meantime.
    this.#waiting.delete(answer.id);
    waiting.timer?.cancel();
    if (answer.isError) waiting.reject(rpcError(Message.read(answer.body)));
    else waiting.resolve(answer);
  }
}

const TIMED_OUT = { code: 'TIMED_OUT' };

/** Why there is no connection: nothing was asked for over it, whatever the reason. */
function refusal(error: unknown): DefiniteError {
  const cause = error instanceof IndefiniteError ? error.cause : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  const code =
    cause instanceof KuduError
      ? cause.code
      : ((cause as NodeJS.ErrnoException).code ?? 'NO_CONNECTION');
  return new DefiniteError('refused', `no connection: ${text}`, { code, cause: error });
}
