/**
 * The harness's end of a node's shaper: the agent runs inside the node by an exec of the engine, whose stdin is its
 * channel. The engine closes it when the harness is gone, and the agent then undoes what it did.
 */
import type { Duplex } from 'node:stream';
import { Writable } from 'node:stream';
import type Docker from 'dockerode';
import { type Clock, within } from '../../../clock.ts';
import { SECOND } from '../../../operation.ts';
import { SHAPER_SCRIPT, SHAPER_TITLE } from './shaper-script.ts';

/** The node's kernel or image cannot do it, or the agent is gone. */
export class ShaperError extends Error {
  override readonly name = 'ShaperError';
}

export interface ShaperOptions {
  readonly docker: Docker;
  readonly container: Docker.Container;
  readonly clock: Clock;
  /** For messages and the agent's title. */
  readonly node: string;
  /** Shell that puts the shape in force. */
  readonly on: string;
  /** Shell that takes away all that `on` put. Nothing to do is fine. */
  readonly off: string;
  /** A queue each: `queue,kind,delayMs,jitterMs,share,burst,seed`. */
  readonly queues: readonly string[];
}

/** Packets that the agent was given of one link. */
export interface QueueCount {
  readonly queue: number;
  readonly seen: number;
  /** Delayed, lost, doubled or held back. */
  readonly acted: number;
  /** With the agent now. */
  readonly held: number;
}

const ANSWER_LIMIT = 10 * SECOND;

type Waiting = (answer: string | Error) => void;

export class Shaper {
  readonly #options: ShaperOptions;
  readonly #stream: Duplex;
  readonly #waiting: Waiting[] = [];
  #text = '';
  #ended: Error | null = null;

  private constructor(options: ShaperOptions, stream: Duplex) {
    this.#options = options;
    this.#stream = stream;
    const told = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.#read(chunk.toString());
        done();
      },
    });
    options.docker.modem.demuxStream(stream, told, told);
    const end = (): void => this.#end();
    stream.on('end', end).on('close', end).on('error', end);
  }

  /** Starts the agent; nothing is shaped yet. @throws ShaperError what the node lacks */
  static async begin(options: ShaperOptions): Promise<Shaper> {
    const { container, node, on, off, queues } = options;
    const exec = await container.exec({
      Cmd: ['perl', '-e', SHAPER_SCRIPT, `${SHAPER_TITLE} ${node}`, on, off, ...queues],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start({ hijack: true, stdin: true });
    const shaper = new Shaper(options, stream);
    await shaper.#answer('ready');
    return shaper;
  }

  /** Whether the agent has ended. */
  get ended(): boolean {
    return this.#ended !== null;
  }

  /** Puts the shape in force: the word is on its way before this returns. */
  async on(): Promise<void> {
    this.#say('on');
    await this.#answer('on');
  }

  /** What the agent has done so far, by queue. */
  async count(): Promise<readonly QueueCount[]> {
    this.#say('count');
    const [, ...counts] = (await this.#answer('counts')).split(' ');
    return counts.filter(Boolean).map((text) => {
      const [queue = 0, seen = 0, acted = 0, held = 0] = text.split(':').map(Number);
      return { queue, seen, acted, held };
    });
  }

  /** Gives back what it holds, undoes what it did, and ends. @throws ShaperError when it could not, or is gone */
  async off(): Promise<void> {
    this.#say('off');
    await this.#answer('off');
  }

  #say(word: string): void {
    if (this.#ended === null) this.#stream.write(`${word}\n`);
  }

  async #answer(expected: string): Promise<string> {
    const { clock, node } = this.#options;
    const answered = new Promise<string>((resolve, reject) => {
      if (this.#ended !== null) return reject(this.#ended);
      this.#waiting.push((answer) => {
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      });
    });
    const answer = await within(clock, ANSWER_LIMIT, `${node}: shaper: ${expected}`, answered);
    if (answer.split(' ')[0] === expected) return answer;
    throw new ShaperError(`${node}: packets cannot be shaped: ${answer.replace(/^lack /, '')}`);
  }

  #read(chunk: string): void {
    this.#text += chunk;
    const lines = this.#text.split('\n');
    this.#text = lines.pop() ?? '';
    for (const line of lines) this.#waiting.shift()?.(line);
  }

  #end(): void {
    if (this.#ended !== null) return;
    const last = this.#text === '' ? '' : `: ${this.#text}`;
    this.#ended = new ShaperError(`${this.#options.node}: the shaper has ended${last}`);
    for (const waiting of this.#waiting.splice(0)) waiting(this.#ended);
    this.#stream.destroy();
  }
}
