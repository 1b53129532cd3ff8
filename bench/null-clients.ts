/** Clients without a server, and one of an echo: what the interpreter is measured with. */
import { Socket } from 'node:net';
import { Worker as Thread } from 'node:worker_threads';
import type { Client } from '../harness/client.ts';
import type { Clock } from '../harness/clock.ts';
import type { Invocation, Value } from '../harness/operation.ts';

/** Answers at once. */
export class PromptClient implements Client {
  async open(): Promise<void> {
    // Nothing to connect to.
  }
  async invoke(operation: Invocation): Promise<Value> {
    return operation.value;
  }
  async close(): Promise<void> {
    // Nothing to close.
  }
}

/** Answers when I/O was polled, all that wait in one go, as answers that came in one poll do. */
export class PolledClient implements Client {
  static #waiting: (() => void)[] = [];
  async open(): Promise<void> {
    // Nothing to connect to.
  }
  invoke(operation: Invocation): Promise<Value> {
    return new Promise((resolve) => {
      if (PolledClient.#waiting.length === 0) setImmediate(PolledClient.#answer);
      PolledClient.#waiting.push(() => resolve(operation.value));
    });
  }
  async close(): Promise<void> {
    // Nothing to close.
  }
  static readonly #answer = (): void => {
    const waiting = PolledClient.#waiting;
    PolledClient.#waiting = [];
    for (const answer of waiting) answer();
  };
}

/** Answers with how long the answer took on the wire: a byte for each operation. */
export class EchoClient implements Client {
  readonly #socket = new Socket();
  readonly #port: number;
  readonly #clock: Clock;
  #sentAt = 0;
  #answer: (wireNanos: number) => void = () => undefined;

  constructor(port: number, clock: Clock) {
    this.#port = port;
    this.#clock = clock;
    this.#socket.setNoDelay(true);
    this.#socket.on('data', () => this.#answer(this.#clock.now() - this.#sentAt));
  }
  open(): Promise<void> {
    return new Promise((resolve) => this.#socket.connect(this.#port, '127.0.0.1', resolve));
  }
  invoke(): Promise<Value> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#sentAt = this.#clock.now();
      this.#socket.write('?');
    });
  }
  async close(): Promise<void> {
    this.#socket.destroy();
  }
}

const ECHO = `
const { parentPort } = require('node:worker_threads');
const server = require('node:net').createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.pipe(socket);
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/** An echo server on a thread of its own, so that it does not share the loop that is measured. */
export async function startEcho(): Promise<{ port: number; stop: () => Promise<unknown> }> {
  const thread = new Thread(ECHO, { eval: true });
  const port = await new Promise<number>((resolve) => thread.once('message', resolve));
  return { port, stop: () => thread.terminate() };
}
