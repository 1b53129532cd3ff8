/**
 * One connection to a server: questions and answers in its wire format (https://redis.io/docs/latest/develop/reference/protocol-spec/).
 * Each question is sent once. A connection that is lost is never made again: whoever waits is told.
 */
import { connect, type Socket } from 'node:net';
import { DefiniteError, IndefiniteError } from '../../harness/client.ts';
import { errorOf } from './errors.ts';

export const PORT = 6379;

/** What servers answer to the questions that we ask. */
export type Answer = string | number | null;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Connects. Aborting `signal` closes the connection, now or later.
 * @throws DefiniteError `refused`: nothing can have been asked.
 */
export function connectTo(address: string, signal: AbortSignal): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port: PORT, noDelay: true });
    const refuse = (error: Error): void =>
      reject(new DefiniteError('refused', `no connection: ${error.message}`, { cause: error }));
    socket.once('error', refuse);
    socket.once('connect', () => {
      socket.off('error', refuse);
      resolve(new Connection(socket));
    });
    const abort = (): void => void socket.destroy(new Error('given up by the caller'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', abort));
  });
}

export class Connection {
  readonly #socket: Socket;
  readonly #waiting: Waiting[] = [];
  #text = '';
  #lost: Error | null = null;

  /** Use `connectTo`. */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#hear(text));
    socket.on('error', (error) => this.#lose(error));
    socket.on('close', () => this.#lose(new Error('the server closed the connection')));
  }

  /**
   * Asks one question. @throws DefiniteError when it was not sent, or the server says that it did nothing;
   * IndefiniteError when the connection is lost before the answer
   */
  ask(...words: readonly string[]): Promise<Answer> {
    const lost = this.#lost;
    if (lost !== null) {
      return Promise.reject(new DefiniteError('refused', `not sent: ${lost.message}`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#socket.write(encode(words));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #hear(text: string): void {
    this.#text += text;
    for (let found = decode(this.#text); found !== null; found = decode(this.#text)) {
      this.#text = this.#text.slice(found.length);
      const waiting = this.#waiting.shift();
      if (found.error === undefined) waiting?.resolve(found.answer);
      else waiting?.reject(errorOf(found.error));
    }
  }

  #lose(error: Error): void {
    this.#lost ??= error;
    const message = `the connection was lost before the answer: ${error.message}`;
    for (const { reject } of this.#waiting.splice(0)) reject(new IndefiniteError(message));
  }
}

/** A question: an array of strings, each with its length in bytes. */
export function encode(words: readonly string[]): string {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join('')}`;
}

interface Decoded {
  readonly answer: Answer;
  /** What the server refused with, without its `-`. */
  readonly error?: string;
  /** Characters of the text that it took. */
  readonly length: number;
}

/** The first whole answer of a text, null when there is none yet. Our own values are ASCII: a byte is a character. */
export function decode(text: string): Decoded | null {
  const end = text.indexOf('\r\n');
  if (end < 0) return null;
  const [kind, rest] = [text.slice(0, 1), text.slice(1, end)];
  const length = end + 2;
  if (kind === '-') return { answer: null, error: rest, length };
  if (kind === '+') return { answer: rest, length };
  if (kind === ':') return { answer: Number(rest), length };
  if (kind !== '$') throw new IndefiniteError(`expected an answer, got "${text.slice(0, 20)}"`);
  const size = Number(rest);
  if (size < 0) return { answer: null, length };
  if (text.length < length + size + 2) return null;
  return { answer: text.slice(length, length + size), length: length + size + 2 };
}
