/**
 * One connection with one server of Alluxio 1.x: Thrift calls over a socket, without SASL (authentication NOSASL).
 * Calls are sent once and never again; a lost socket ends the connection for good, and whoever waits is told so.
 */
import { connect, type Socket } from 'node:net';
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import { FrameSplitter } from '../../wire/frames.ts';
import {
  callMessage,
  IncompleteError,
  MESSAGE,
  type Message,
  type Struct,
  type ThriftValue,
  ThriftReader,
} from './codec.ts';
import { AlluxioError, ApplicationError } from './errors.ts';

export interface ConnectionOptions {
  readonly address: string;
  readonly port: number;
  /** Each message after its length (TFramedTransport): up to 1.7. Later ones have no frames. */
  readonly framed: boolean;
}

interface Waiting {
  readonly call: string;
  readonly resolve: (value: ThriftValue | undefined) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Opens a connection. Aborting `signal` closes it, now or later.
 * @throws DefiniteError `refused`: nothing listens, so nothing can have been asked.
 */
export function connectThrift(
  options: ConnectionOptions,
  signal: AbortSignal,
): Promise<ThriftConnection> {
  const { address, port, framed } = options;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, noDelay: true });
    const refuse = (error: Error): void => {
      const code = (error as NodeJS.ErrnoException).code ?? 'NOCONNECTION';
      const message = `no connection with ${address}:${port}: ${error.message}`;
      signal.removeEventListener('abort', abort);
      socket.destroy();
      reject(new DefiniteError('refused', message, { code, cause: error }));
    };
    const abort = (): void => refuse(new Error('given up by the caller'));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', refuse);
    socket.once('connect', () => {
      signal.removeEventListener('abort', abort);
      socket.off('error', refuse);
      resolve(new ThriftConnection(socket, framed, signal));
    });
  });
}

export class ThriftConnection {
  readonly #socket: Socket;
  readonly #signal: AbortSignal;
  readonly #split: Splitter;
  readonly #framed: boolean;
  readonly #waiting = new Map<number, Waiting>();
  #lost: Error | null = null;
  #sequence = 0;

  /** Use `connectThrift`. */
  constructor(socket: Socket, framed: boolean, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
    this.#framed = framed;
    this.#split = framed ? framedMessages() : plainMessages();
    signal.addEventListener('abort', this.#abort, { once: true });
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the server closed the connection')));
    if (signal.aborted) this.#abort();
  }

  /** False once the socket is gone: nothing can be sent, and nothing will be. */
  get usable(): boolean {
    return this.#lost === null;
  }

  /** The port of this end: as good as a name. */
  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }

  /**
   * Sends one call and resolves with what it answers; undefined when it answers nothing.
   * @param args made by `struct`
   * @throws AlluxioError and ApplicationError, the server's own; DefiniteError when nothing was sent; IndefiniteError
   * when the connection was lost before the answer.
   */
  call(service: string, method: string, args: Buffer): Promise<ThriftValue | undefined> {
    const call = `${service}:${method}`;
    if (this.#lost !== null) {
      const message = `${call}: not sent, the connection is gone (${this.#lost.message})`;
      return Promise.reject(new DefiniteError('refused', message, { code: 'NOTCONNECTED' }));
    }
    this.#sequence += 1;
    const sequence = this.#sequence;
    return new Promise((resolve, reject) => {
      this.#waiting.set(sequence, { call, resolve, reject });
      const message = callMessage(call, sequence, args);
      if (this.#framed) this.#socket.write(Buffer.concat([lengthOf(message), message]));
      else this.#socket.write(message);
    });
  }

  /** It stays open when its signal is aborted, and does not keep the process alive: whoever asks over it closes it. */
  outlive(): void {
    this.#signal.removeEventListener('abort', this.#abort);
    this.#socket.unref();
  }

  close(): void {
    this.#end(new Error('closed by the client'));
  }

  readonly #abort = (): void => {
    this.#end(new Error('given up by the caller'));
  };

  #receive(bytes: Buffer): void {
    try {
      for (const message of this.#split(bytes)) this.#answer(message);
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #answer({ type, sequence, body }: Message): void {
    const waiting = this.#waiting.get(sequence);
    if (waiting === undefined) throw new Error(`an answer to call ${sequence}, which nobody made`);
    this.#waiting.delete(sequence);
    const error = errorOf(waiting.call, type, body);
    if (error === null) waiting.resolve(body.field(0));
    else waiting.reject(error);
  }

  #end(reason: Error): void {
    if (this.#lost !== null) return;
    this.#lost = reason;
    this.#signal.removeEventListener('abort', this.#abort);
    this.#socket.destroy();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { call, reject } of waiting) {
      const message = `${call}: connection lost (${reason.message})`;
      reject(new IndefiniteError(message, { code: 'CONNECTIONLOSS', cause: reason }));
    }
  }
}

/**
 * AlluxioTException{2: message, 4: status} is the first declared exception of every call (exception.thrift);
 * TApplicationException{1: message, 2: type} is Thrift's own.
 */
function errorOf(call: string, type: number, body: Struct): Error | null {
  if (type === MESSAGE.exception) {
    return new ApplicationError(call, body.number(2) ?? 0, body.text(1) ?? '');
  }
  if (body.field(0) !== undefined) return null;
  const exception = body.struct(1);
  if (exception === undefined) return null;
  return new AlluxioError(call, exception.number(4) ?? 2, exception.text(2) ?? '');
}

/** Adds bytes, answers the messages that are now whole. */
type Splitter = (bytes: Buffer) => readonly Message[];

function framedMessages(): Splitter {
  const frames = new FrameSplitter();
  return (bytes) => frames.push(bytes).map((frame) => new ThriftReader(frame).message());
}

/** Without frames a message is whole when it can be read to its end. */
function plainMessages(): Splitter {
  let pending: Buffer = Buffer.alloc(0);
  return (bytes) => {
    pending = pending.length === 0 ? bytes : Buffer.concat([pending, bytes]);
    const messages: Message[] = [];
    for (let next = readMessage(pending); next !== null; next = readMessage(pending)) {
      messages.push(next.message);
      pending = pending.subarray(next.length);
    }
    return messages;
  };
}

function readMessage(bytes: Buffer): { message: Message; length: number } | null {
  if (bytes.length === 0) return null;
  const reader = new ThriftReader(bytes);
  try {
    const message = reader.message();
    return { message, length: reader.offset };
  } catch (error) {
    if (error instanceof IncompleteError) return null;
    throw error;
  }
}

function lengthOf(message: Buffer): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(message.length);
  return bytes;
}
