/**
 * Alluxio's Java client in a node of the cluster, asked over a socket (image/bridge/Bridge.java). It is started where
 * nothing else of Alluxio runs: a fault that kills that node's server does not reach it, one of the network does.
 */
import { connect, type Socket } from 'node:net';
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import { type Cluster, isMachine, type Machine } from '../../../harness/testbed.ts';
import { isZooKeeper } from '../roles.ts';

const PORT = 7070;
const START_LIMIT_MS = 20_000;

/** By cluster: the start of its bridge. */
const STARTS = new WeakMap<Cluster, Promise<Machine>>();

/** Starts the bridge unless that was done before. @param argv of the bridge, without its port */
export function startBridge(cluster: Cluster, argv: readonly string[]): Promise<Machine> {
  const known = STARTS.get(cluster);
  if (known !== undefined) return known;
  const start = begin(cluster, argv);
  STARTS.set(cluster, start);
  return start;
}

async function begin(cluster: Cluster, argv: readonly string[]): Promise<Machine> {
  const node = cluster.nodes.find(isZooKeeper) ?? cluster.nodes[0];
  if (node === undefined || !isMachine(node)) throw new Error('no node that a bridge can run on');
  const script = [
    'env -u FAULTLINE_SERVER setsid -f "$@" </dev/null >/tmp/bridge.log 2>&1',
    `for i in $(seq 150); do ss -Htnl '( sport = :${PORT} )' | grep -q . && exit 0; sleep 0.1; done`,
    'tail -5 /tmp/bridge.log >&2; exit 1',
  ].join('\n');
  const command = ['bash', '-c', script, 'bridge', ...argv, String(PORT)];
  const { code, stderr } = await node.exec(command, { timeoutMs: START_LIMIT_MS });
  if (code !== 0) throw new Error(`the bridge on ${node.name} did not start: ${stderr.trim()}`);
  return node;
}

/**
 * What certainly changed nothing: there is no such stream, or nothing to read. Of all else the client inside the bridge may
 * have sent a request more than once (a file that exists already may be of its own first try).
 */
const NOTHING_DONE: readonly string[] = ['NotOpen', 'FileDoesNotExistException'];

/** One connection with the bridge: requests of words, one at a time, answered by a line each. */
export class BridgeLine {
  readonly #socket: Socket;
  readonly #signal: AbortSignal;
  #pending = '';
  #waiting: { resolve: (line: string) => void; reject: (error: Error) => void } | null = null;
  #lost: Error | null = null;

  private constructor(socket: Socket, signal: AbortSignal) {
    this.#socket = socket;
    this.#signal = signal;
    signal.addEventListener('abort', this.close, { once: true });
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the bridge closed the connection')));
  }

  /** @throws DefiniteError `refused` */
  static open(machine: Machine, signal: AbortSignal): Promise<BridgeLine> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: machine.address, port: PORT, noDelay: true });
      const line = new BridgeLine(socket, signal);
      const refuse = (error: Error): void =>
        reject(new DefiniteError('refused', `no bridge: ${error.message}`, { cause: error }));
      socket.once('error', refuse);
      socket.once('close', () => refuse(new Error('closed')));
      socket.once('connect', () => resolve(line));
    });
  }

  /** The port of this end: as good as a name. */
  get name(): string {
    return `bridge port ${this.#socket.localPort ?? 0}`;
  }

  /**
   * @returns what follows `ok`
   * @throws DefiniteError when nothing was sent or nothing done; IndefiniteError for all else
   */
  async ask(...words: readonly string[]): Promise<string> {
    const line = await this.#line(words.join(' '));
    if (line.startsWith('ok')) return line.slice(3);
    const code = line.split(' ')[1] ?? 'UNKNOWN';
    const details = { code };
    if (NOTHING_DONE.includes(code)) throw new DefiniteError('rejected', line, details);
    throw new IndefiniteError(line, details);
  }

  readonly close = (): void => {
    this.#end(new Error('closed by the client'));
  };

  #line(request: string): Promise<string> {
    if (this.#lost !== null) {
      throw new DefiniteError('refused', `not sent: ${this.#lost.message}`, {
        code: 'NOTCONNECTED',
      });
    }
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`${request}\n`);
    });
  }

  #receive(bytes: Buffer): void {
    this.#pending += bytes.toString('utf8');
    const end = this.#pending.indexOf('\n');
    if (end < 0) return;
    const line = this.#pending.slice(0, end);
    this.#pending = this.#pending.slice(end + 1);
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve(line);
  }

  #end(reason: Error): void {
    if (this.#lost !== null) return;
    this.#lost = reason;
    this.#signal.removeEventListener('abort', this.close);
    this.#socket.destroy();
    const message = `connection lost (${reason.message})`;
    this.#waiting?.reject(new IndefiniteError(message, { code: 'CONNECTIONLOSS', cause: reason }));
    this.#waiting = null;
  }
}
