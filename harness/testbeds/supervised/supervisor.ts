/**
 * The harness's end of a node's supervisor: numbered requests over the container's attached stdin, replies and notices
 * over its stdout. A request is on its way before the call returns.
 */
import type { Duplex, Readable } from 'node:stream';
import { FrameReader, StreamSplitter, encodeFrame } from './supervisor-frames.ts';

/** The node went away before it answered: its container died, or the engine is lost. */
export class NodeGoneError extends Error {
  override readonly name = 'NodeGoneError';
}

/** What the supervisor said when it began. */
export interface Hello {
  /** Where it receives the datagrams of reachability probes. */
  readonly datagramPort: number;
  /** Whether it can watch files. */
  readonly watches: boolean;
  /** Which of the programs that faults need the image has. */
  readonly tools: readonly string[];
}

/** What the supervisor says unasked. */
export interface SupervisorNotices {
  /** The server ended. `signal` is 0 when it exited by itself. */
  exited(pid: number, code: number, signal: number): void;
  /** More of the server's log, from this byte on. */
  logged(offset: number, bytes: Buffer): void;
  /** A file of a watched directory changed. */
  changed(watch: number, name: string): void;
  /** A reachability probe arrived. */
  received(nonce: string): void;
  /** The connection ended: the container died or the engine is lost. */
  closed(reason: string): void;
}

interface Waiting {
  readonly resolve: (fields: Buffer[]) => void;
  readonly reject: (error: Error) => void;
  readonly verb: string;
}

export class Supervisor {
  readonly name: string;
  /** Resolves when the supervisor is there. */
  readonly hello: Promise<Hello>;
  readonly #stream: Duplex;
  readonly #notices: SupervisorNotices;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #closed = false;
  #complaint = '';
  #greet: (hello: Hello) => void = () => undefined;
  #refuse: (error: Error) => void = () => undefined;

  /**
   * @param stream of `container.attach` with stdin, before the container is started
   * @param complaints where it says what is wrong. Default: on the stream, as the engine multiplexes both.
   */
  constructor(name: string, stream: Duplex, notices: SupervisorNotices, complaints?: Readable) {
    this.name = name;
    this.#stream = stream;
    this.#notices = notices;
    this.hello = new Promise((resolve, reject) => {
      this.#greet = resolve;
      this.#refuse = reject;
    });
    // Whoever waits for it hears of a failure; nobody has to.
    this.hello.catch(() => undefined);
    const frames = new FrameReader();
    const take = (bytes: Buffer): void =>
      frames.push(bytes).forEach((fields) => this.#take(fields));
    const note = (bytes: Buffer): void => {
      this.#complaint = (this.#complaint + bytes.toString()).slice(-500);
    };
    const splitter = new StreamSplitter(take, note);
    if (complaints === undefined) stream.on('data', (chunk: Buffer) => splitter.push(chunk));
    else stream.on('data', take);
    complaints?.on('data', note);
    stream.on('error', (error: Error) => this.#end(error.message));
    stream.on('end', () => this.#end('its supervisor ended'));
    stream.on('close', () => this.#end('its supervisor ended'));
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Asks; the request is written before the call returns. Rejects with NodeGoneError when the node goes first. */
  request(verb: string, ...fields: readonly (string | Uint8Array)[]): Promise<Buffer[]> {
    return this.begin(verb, ...fields).reply;
  }

  /** As `request`, with the request's number (watches are named by it, running commands stopped by it). */
  begin(
    verb: string,
    ...fields: readonly (string | Uint8Array)[]
  ): { readonly id: number; readonly reply: Promise<Buffer[]> } {
    const id = this.#next++;
    if (this.#closed) return { id, reply: Promise.reject(this.#gone(verb)) };
    const reply = new Promise<Buffer[]>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, verb });
    });
    this.#stream.write(encodeFrame([String(id), verb, ...fields]));
    return { id, reply };
  }

  /** Lets go of the container, which goes on. */
  release(): void {
    this.#closed = true;
    this.#stream.destroy();
    this.#rejectAll();
  }

  #take(fields: Buffer[]): void {
    const [id, kind, ...rest] = fields;
    if (id === undefined || kind === undefined) return;
    const number = Number(id.toString());
    if (number === 0) return this.#notice(kind.toString(), rest);
    const waiting = this.#waiting.get(number);
    if (waiting === undefined) return;
    this.#waiting.delete(number);
    if (kind.toString() === 'ok') return waiting.resolve(rest);
    waiting.reject(new Error(`${this.name}: ${waiting.verb}: ${String(rest[0])}`));
  }

  #notice(kind: string, fields: Buffer[]): void {
    const text = (index: number): string => fields[index]?.toString() ?? '';
    const number = (index: number): number => Number(text(index));
    if (kind === 'exit') return this.#notices.exited(number(0), number(1), number(2));
    if (kind === 'log') return this.#notices.logged(number(0), fields[1] ?? Buffer.alloc(0));
    if (kind === 'file') return this.#notices.changed(number(0), text(1));
    if (kind === 'datagram') return this.#notices.received(text(0));
    const tools = fields.slice(2).map((field) => field.toString());
    this.#greet({ datagramPort: number(0), watches: text(1) === '1', tools });
  }

  #gone(verb: string): NodeGoneError {
    const complaint = this.#complaint === '' ? '' : ` (it said: ${this.#complaint.trim()})`;
    return new NodeGoneError(`${this.name}: ${verb}: the node's supervisor ended${complaint}`);
  }

  #end(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rejectAll();
    this.#notices.closed(reason);
  }

  #rejectAll(): void {
    this.#refuse(this.#gone('start'));
    for (const waiting of this.#waiting.values()) waiting.reject(this.#gone(waiting.verb));
    this.#waiting.clear();
  }
}

/** What is asked of a node that goes first needs no answer: undefined then. */
export async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NodeGoneError) return undefined;
    throw error;
  }
}
