/**
 * One client of Kudu's rows: it finds tablets by the masters, keeps to whoever led a tablet until that one does not serve
 * it (as Kudu's own clients do), and carries the latest timestamp that it knows of from server to server.
 */
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import { realClock } from '../../../harness/clock.ts';
import type { NodeName } from '../../../harness/operation.ts';
import type { Cluster, Node } from '../../../harness/testbed.ts';
import { connectKrpc, type KrpcConnection } from '../krpc/connection.ts';
import type { RequestId } from '../krpc/frames.ts';
import { KuduError } from '../krpc/kudu-error.ts';
import {
  MASTER_PORT,
  tableLocations,
  type TabletLocation,
  type TabletReplica,
} from '../master/requests.ts';
import type { Column } from '../master/table-schema.ts';
import { isMaster } from '../node-plan.ts';
import { ROW_COLUMNS } from '../tables.ts';
import { readOutcome, writeOutcome } from '../tablet/errors.ts';
import {
  type Scan,
  scan,
  type ScanOptions,
  TABLET_SERVER_PORT,
  writeRow,
} from '../tablet/requests.ts';
import type { RowOperation } from '../tablet/rows.ts';

/** Which replica is read: the leader, as far as this client knows, or the one beside the master it was given. */
export type ReplicaChoice = 'leader' | 'closest';

export interface WriteRequest {
  readonly table: string;
  readonly row: RowOperation;
  /** The table's, as this client knows them. Default: key and value. */
  readonly columns?: readonly Column[];
  readonly requestId?: RequestId;
  /** Default: 3000. */
  readonly timeoutMs?: number;
}

/** An answer, and the node that gave it. */
export interface Written {
  readonly timestamp: bigint;
  readonly by: NodeName;
}

export interface ReadRows extends Scan {
  readonly by: NodeName;
}

const CONNECT_MS = 1000;
const LOCATE_MS = 1000;
const ANSWER_MS = 3000;

/** How many sessions this process made; names them. */
let sessions = 0;

export class TabletSession {
  /** Unique among all clients of a cluster. */
  readonly name = `faultline-${process.pid}-${++sessions}`;
  readonly #cluster: Cluster;
  readonly #home: Node;
  readonly #signal: AbortSignal;
  readonly #connections = new Map<NodeName, KrpcConnection>();
  readonly #locations = new Map<string, TabletLocation>();
  #latest: bigint | undefined;

  /** @param home the master that the client was given; the others are asked as well. */
  constructor(cluster: Cluster, home: NodeName, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#home = cluster.node(home);
    this.#signal = signal;
  }

  /** The latest timestamp that this client has seen; undefined before the first. */
  get latest(): bigint | undefined {
    return this.#latest;
  }

  /** @throws DefiniteError when the master does not let it in */
  async open(): Promise<void> {
    await this.#connection(this.#home);
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
  }

  /** What is known of where tablets are is known no longer. */
  forget(): void {
    this.#locations.clear();
  }

  /**
   * Sends a write to the leader, once.
   * @throws DefiniteError, IndefiniteError by tablet/errors.ts
   */
  async write(request: WriteRequest): Promise<Written> {
    const { table, row, columns = ROW_COLUMNS, requestId, timeoutMs = ANSWER_MS } = request;
    const { tablet, replicas } = await this.#locate(table);
    const server = this.#nodeOf(replicas.find(({ leader }) => leader));
    const connection = await this.#connectionOrForget(server);
    const options = { timeoutMs, propagated: this.#latest };
    try {
      const timestamp = await writeRow(connection, tablet, columns, row, {
        ...options,
        ...(requestId === undefined ? {} : { requestId }),
      });
      this.#observe(timestamp);
      return { timestamp, by: server.name };
    } catch (error) {
      throw this.#keepOrForget(error instanceof KuduError ? writeOutcome(error) : error);
    }
  }

  /** Reads rows of one replica. @throws DefiniteError when it does not serve; IndefiniteError when it is silent */
  async read(
    table: string,
    choice: ReplicaChoice,
    { columns = ROW_COLUMNS, ...options }: ScanOptions & { readonly columns?: readonly Column[] },
  ): Promise<ReadRows> {
    const { tablet, replicas } = await this.#locate(table);
    const server = choice === 'closest' ? this.#closest(replicas) : this.#leaderOf(replicas);
    const connection = await this.#connectionOrForget(server);
    const propagated = later(this.#latest, options.snapshot);
    try {
      const limited = { timeoutMs: ANSWER_MS, propagated, ...options };
      const found = await scan(connection, tablet, columns, limited);
      // A read's own moment counts as seen as well: the next one is not before it.
      if (options.mode === 'your-writes') this.#observe(found.snapshot);
      this.#observe(found.propagated);
      return { ...found, by: server.name };
    } catch (error) {
      throw this.#keepOrForget(error instanceof KuduError ? readOutcome(error) : error);
    }
  }

  #observe(timestamp: bigint | undefined): void {
    this.#latest = later(this.#latest, timestamp);
  }

  /** After anything but the server's own word on this one request, the leader is looked for anew. */
  #keepOrForget(error: unknown): unknown {
    if (!(error instanceof DefiniteError && error.reason === 'rejected')) this.forget();
    return error;
  }

  async #locate(table: string): Promise<TabletLocation> {
    const known = this.#locations.get(table);
    if (known !== undefined) return known;
    const masters = this.#cluster.nodes.filter(isMaster);
    try {
      const location = await Promise.any(masters.map((master) => this.#ask(master, table)));
      this.#locations.set(table, location);
      return location;
    } catch (error) {
      const causes = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
      const bug = causes.find((cause) => cause instanceof TypeError || cause instanceof RangeError);
      if (bug !== undefined) throw bug;
      const texts = causes.map((cause) => (cause instanceof Error ? cause.message : String(cause)));
      throw new DefiniteError('refused', `nobody tells who leads ${table}: ${texts.join('; ')}`);
    }
  }

  /** The one tablet of the table, if the master says who leads it. */
  async #ask(master: Node, table: string): Promise<TabletLocation> {
    const connection = await this.#connection(master);
    const [location] = await tableLocations(connection, table, { timeoutMs: LOCATE_MS });
    if (location?.replicas.some(({ leader }) => leader) === true) return location;
    throw new DefiniteError('refused', `${master.name} knows no leader of ${table}`);
  }

  #leaderOf(replicas: readonly TabletReplica[]): Node {
    return this.#nodeOf(replicas.find(({ leader }) => leader));
  }

  /** The replica of the tablet server with the master's number, or else the first. */
  #closest(replicas: readonly TabletReplica[]): Node {
    const nodes = replicas.map((replica) => this.#nodeOf(replica));
    const number = this.#home.name.replace(/^\D+/, '');
    const [first] = nodes;
    const found = nodes.find(({ name }) => name.replace(/^\D+/, '') === number) ?? first;
    if (found === undefined) throw new DefiniteError('refused', 'the tablet has no replica');
    return found;
  }

  #nodeOf(replica: TabletReplica | undefined): Node {
    const node = this.#cluster.nodes.find(({ address }) => address === replica?.host);
    if (node === undefined) throw new DefiniteError('refused', 'no replica on any node');
    return node;
  }

  async #connectionOrForget(node: Node): Promise<KrpcConnection> {
    try {
      return await this.#connection(node);
    } catch (error) {
      throw this.#keepOrForget(error);
    }
  }

  async #connection(node: Node): Promise<KrpcConnection> {
    const known = this.#connections.get(node.name);
    if (known?.usable === true) return known;
    if (this.#signal.aborted) throw new IndefiniteError('given up by the caller');
    const port = isMaster(node) ? MASTER_PORT : TABLET_SERVER_PORT;
    const options = { address: node.address, port, connectMs: CONNECT_MS };
    const connection = await connectKrpc(options, realClock(), this.#signal);
    this.#connections.set(node.name, connection);
    return connection;
  }
}

function later(one: bigint | undefined, other: bigint | undefined): bigint | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one > other ? one : other;
}
