/** ZooKeeper's four letter words: one question, one answer in text, and the server closes. */
import { connect } from 'node:net';

/** What `srvr` tells of a server that serves. */
export interface ServerStatus {
  readonly mode: 'leader' | 'follower' | 'observer' | 'standalone' | 'read-only';
  /** Its latest transaction id; 64 bits. */
  readonly zxid: bigint;
}

/**
 * Sends a four letter word and resolves with the whole answer.
 * @throws what the socket throws, or the signal's reason.
 */
export function ask(
  address: string,
  word: string,
  signal: AbortSignal,
  port = 2181,
): Promise<string> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return void reject(signal.reason as Error);
    const chunks: Buffer[] = [];
    const socket = connect({ host: address, port });
    const abort = (): void => void socket.destroy(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    socket.on('connect', () => socket.write(word));
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => {
      signal.removeEventListener('abort', abort);
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
  });
}

/** The parsed answer to `srvr`, or null when the server answers but serves no role (an election is on). */
export function parseStatus(answer: string): ServerStatus | null {
  const mode = /^Mode: (leader|follower|observer|standalone|read-only)$/m.exec(answer)?.[1];
  const zxid = /^Zxid: (0x[0-9a-f]+)$/m.exec(answer)?.[1];
  if (mode === undefined || zxid === undefined) return null;
  return { mode: mode as ServerStatus['mode'], zxid: BigInt(zxid) };
}

/** The epoch in which a transaction was proposed: the upper half of its id. */
export function epochOf(zxid: bigint): number {
  return Number(zxid >> 32n);
}

/** Asks a server for its status; null when it answers but serves no role. @throws like `ask`. */
export async function serverStatus(
  address: string,
  signal: AbortSignal,
): Promise<ServerStatus | null> {
  return parseStatus(await ask(address, 'srvr', signal));
}
