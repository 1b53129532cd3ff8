/** Connections with masters and what they speak, by version. */
import { DefiniteError } from '../../../harness/client.ts';
import type { Node } from '../../../harness/testbed.ts';
import { setUpAs } from '../generation.ts';
import { RPC_PORT } from '../servers.ts';
import { connectThrift, type ThriftConnection } from './connection.ts';

/** @throws DefiniteError `refused` when nothing listens: a master that stands by does not. */
export function connectMaster(node: Node, signal: AbortSignal): Promise<ThriftConnection> {
  const framed = isFramed(setUpAs(node).version);
  return connectThrift({ address: node.address, port: RPC_PORT, framed }, signal);
}

/** Masters up to 1.7 want each message after its length; to all others they close without a word. */
export function isFramed(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 1 && minor < 8;
}

/** One connection with a master, made anew by whoever asks when it was lost. Never sends anything twice. */
export class MasterLine {
  readonly #node: Node;
  readonly #signal: AbortSignal;
  #connection: ThriftConnection | null = null;

  constructor(node: Node, signal: AbortSignal) {
    this.#node = node;
    this.#signal = signal;
  }

  /** The connection, a new one if there is none that is usable. @throws DefiniteError `refused` */
  async connected(): Promise<ThriftConnection> {
    if (this.#signal.aborted) throw new DefiniteError('refused', 'given up by the caller');
    if (this.#connection?.usable !== true) {
      this.#connection = await connectMaster(this.#node, this.#signal);
    }
    return this.#connection;
  }

  close(): void {
    this.#connection?.close();
  }

  /** Changes with every connection. */
  get name(): string {
    return this.#connection === null ? 'none' : `port ${this.#connection.localPort}`;
  }
}
