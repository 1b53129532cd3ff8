/** A client's connection to a join-protocol node, real or simulated. */
import { connect as connectSocket, type Socket } from 'node:net';
import { isMachine, type Node } from '../../../harness/testbed.ts';
import { asSimulated } from '../../../harness/testbeds/simulated/node.ts';
import type { Answer, Request, Status } from '../join/protocol.ts';
import { type Numbered, readLines, STATUS_PORT } from '../join/status-port.ts';
import { errorOf } from './errors.ts';

/** Asks one process, until closed. */
export interface Connection {
  readonly session: string;
  /** @throws IndefiniteError when the connection is lost before the answer. */
  ask(request: Request): Promise<Answer>;
  close(): void;
}

/** Connects to the node's process. @param signal closes it. @throws DefiniteError refused; IndefiniteError given up */
export async function connect(node: Node, signal: AbortSignal): Promise<Connection> {
  if (isMachine(node)) return openSocket(node.address, signal);
  const connection = await asSimulated(node).connect(signal);
  return {
    session: connection.session,
    ask: async (request) => (await connection.request(request)) as unknown as Answer,
    close: () => connection.close(),
  };
}

/** What a node shows of itself. @throws like `connect` and `ask` */
export async function statusOf(node: Node, signal: AbortSignal): Promise<Status> {
  const answer = await askOnce(node, { ask: 'status' }, signal);
  if ('status' in answer) return answer.status;
  throw new Error(`${node.name} answered its status with ${JSON.stringify(answer)}`);
}

async function askOnce(node: Node, request: Request, signal: AbortSignal): Promise<Answer> {
  if (!isMachine(node)) {
    return (await asSimulated(node).ask(request, signal)) as unknown as Answer;
  }
  const connection = await openSocket(node.address, signal);
  try {
    return await connection.ask(request);
  } finally {
    connection.close();
  }
}

function openSocket(address: string, signal: AbortSignal): Promise<Connection> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return void reject(errorOf('ECONNABORTED', 'given up before connecting'));
    const socket = connectSocket({ host: address, port: STATUS_PORT, noDelay: true });
    const giveUp = (): void => void socket.destroy();
    signal.addEventListener('abort', giveUp, { once: true });
    const refused = (error: NodeJS.ErrnoException): void =>
      reject(errorOf(error.code ?? 'unknown', error.message, error));
    socket.once('error', refused);
    socket.once('close', () => {
      signal.removeEventListener('abort', giveUp);
      reject(errorOf('ECONNABORTED', `gave up connecting to ${address}`));
    });
    socket.once('connect', () => {
      socket.off('error', refused);
      resolve(new SocketConnection(socket, signal));
    });
  });
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

class SocketConnection implements Connection {
  readonly session: string;
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = socket;
    this.session = `${socket.localAddress ?? ''}:${socket.localPort ?? 0}-${socket.remoteAddress ?? ''}`;
    let why: NodeJS.ErrnoException | null = null;
    socket.on('error', (error) => (why = error));
    socket.on('close', () => {
      this.#fail(signal.aborted ? 'ECONNABORTED' : (why?.code ?? 'ECONNRESET'));
    });
    readLines(socket, (line) => {
      const { id, ...answer } = JSON.parse(line) as Numbered<Answer>;
      this.#waiting.get(id)?.resolve(answer);
      this.#waiting.delete(id);
    });
  }

  ask(request: Request): Promise<Answer> {
    const id = ++this.#asked;
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return void reject(lost('ECONNRESET'));
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #fail(code: string): void {
    for (const { reject } of this.#waiting.values()) reject(lost(code));
    this.#waiting.clear();
  }
}

/** What an open connection's errors are called depends on what the kernel heard of first; they mean one thing. */
const RESET: readonly string[] = ['ECONNREFUSED', 'EPIPE'];

function lost(code: string): Error {
  return errorOf(RESET.includes(code) ? 'ECONNRESET' : code, `connection lost: ${code}`);
}
