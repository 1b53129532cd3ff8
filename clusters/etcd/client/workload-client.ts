/** The Client that workers use: one gateway connection to one member, and the operations of the workload. */
import type { Client } from '../../../harness/client.ts';
import type { Invocation, NodeName, Value } from '../../../harness/operation.ts';
import type { Cluster } from '../../../harness/testbed.ts';
import { GUARDS_EXIST } from '../guards.ts';
import { backupOperations } from './backup-operations.ts';
import { Gateway } from './gateway.ts';
import type { Compare } from './key-value.ts';
import { readFinalState } from './final-state.ts';
import { listAppendOperations } from './list-append-operations.ts';
import { LockClient } from './lock-client.ts';
import { lookingAheadOperations } from './looking-ahead.ts';
import { registerOperations } from './register-operations.ts';
import { RoamingClient } from './roaming-client.ts';
import { setOperations } from './set-operations.ts';
import { WatchClient } from './watch-client.ts';

/** How one `f` is done. Resolves with the value of its `ok`. */
export type OperationHandler = (gateway: Gateway, value: Value) => Promise<Value>;
export type OperationHandlers = Readonly<Record<string, OperationHandler>>;

/** What every write compares first. Default: nothing. */
export type Guards = readonly Compare[];

const HANDLERS: Readonly<Record<string, OperationHandlers>> = {
  backups: backupOperations('compare'),
  'backups-unguarded': backupOperations('nothing'),
  register: registerOperations([]),
  'guarded-register': registerOperations([GUARDS_EXIST]),
  set: setOperations([]),
  'guarded-set': setOperations([GUARDS_EXIST]),
  'set-looking-ahead': lookingAheadOperations(),
  'list-append': listAppendOperations('linearizable'),
  'list-append-serializable-reads': listAppendOperations('serializable'),
};

/** Workloads whose clients are more than a connection and its operations. */
const CLIENTS: Readonly<Record<string, (cluster: Cluster) => Client>> = {
  'register-roaming-reads': (cluster) =>
    new RoamingClient(cluster, clientOf(cluster, registerOperations([]))),
  watch: (cluster) => new WatchClient(cluster, 'position'),
  compaction: (cluster) => new WatchClient(cluster, 'position'),
  'watch-from-now': (cluster) => new WatchClient(cluster, 'now'),
  lock: (cluster) => new LockClient(cluster, 'lock-key'),
  'lock-without-fencing': (cluster) => new LockClient(cluster, 'nothing'),
};

/** How many clients this process made; names sessions. */
let clients = 0;

/** A client for one worker of this workload. @throws RangeError naming the workloads there are */
export function workloadClient(cluster: Cluster, workload: string): Client {
  const make = CLIENTS[workload];
  if (make !== undefined) return make(cluster);
  const handlers = HANDLERS[workload];
  if (handlers === undefined) {
    const names = [...Object.keys(HANDLERS), ...Object.keys(CLIENTS)].join(', ');
    throw new RangeError(`etcd has no client for the workload "${workload}"; it has ${names}`);
  }
  return clientOf(cluster, handlers);
}

function clientOf(cluster: Cluster, handlers: OperationHandlers): Client {
  return new WorkloadClient(cluster, { ...handlers, 'final-state': readFinalState });
}

class WorkloadClient implements Client {
  readonly #cluster: Cluster;
  readonly #handlers: OperationHandlers;
  readonly #ordinal = ++clients;
  #gateway: Gateway | null = null;

  constructor(cluster: Cluster, handlers: OperationHandlers) {
    this.#cluster = cluster;
    this.#handlers = handlers;
  }

  /** Connects, and makes sure that an etcd answers there. Needs no quorum. */
  async open(node: NodeName, signal: AbortSignal): Promise<void> {
    const gateway = new Gateway(this.#cluster.node(node).address, signal);
    this.#gateway = gateway;
    await gateway.version();
  }

  async invoke(operation: Invocation): Promise<Value> {
    const handler = this.#handlers[operation.f];
    if (handler === undefined) {
      const names = Object.keys(this.#handlers).join(', ');
      throw new TypeError(`the etcd client does not know "${operation.f}"; it knows ${names}`);
    }
    if (this.#gateway === null) throw new TypeError('invoke before open');
    return handler(this.#gateway, operation.value);
  }

  async close(): Promise<void> {
    this.#gateway?.close();
  }

  /** The connection, as etcd's gateway has no sessions: `client.connection`. */
  session(): string {
    return `${this.#ordinal}.${this.#gateway?.connections ?? 0}`;
  }
}
