/** The port where a node answers whoever asks: a line of JSON a question, a line of JSON an answer, in any order. */
import { createServer, type Socket } from 'node:net';
import type { Answer, Request } from './protocol.ts';

/** Sheepdog's own port. */
export const STATUS_PORT = 7000;

/** A question on the wire: `id` comes back with its answer. */
export type Numbered<T> = T & { readonly id: number };

/** Answers now or later; never calls back twice. */
export type Handler = (request: Request, answer: (answer: Answer) => void) => void;

/** Listens for ever. Questions that are no JSON end their connection. */
export function listen(handler: Handler): void {
  createServer((socket) => {
    socket.setNoDelay(true);
    // A client that went away is no affair of the node's.
    socket.on('error', () => socket.destroy());
    readLines(socket, (line) => {
      const { id, ...request } = JSON.parse(line) as Numbered<Request>;
      handler(request, (answer) => socket.write(`${JSON.stringify({ id, ...answer })}\n`));
    });
  }).listen(STATUS_PORT, '0.0.0.0');
}

/** Calls back with each whole line. A callback that throws ends the connection. */
export function readLines(socket: Socket, line: (line: string) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    try {
      for (const one of lines) line(one);
    } catch (error) {
      socket.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  });
}
