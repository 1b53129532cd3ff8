/**
 * The client of the workloads about workers: `workers` lists those in service with their capacity; and it plays workers
 * that register as Alluxio's own do, in two calls: `enlist` asks for an id by a host's name, `register` tells what it has,
 * `commit {worker, block}` that it has written a block.
 */
import { type Client, DefiniteError } from '../../../harness/client.ts';
import type { Invocation, NodeName, Value } from '../../../harness/operation.ts';
import type { Cluster } from '../../../harness/testbed.ts';
import { setUpAs } from '../generation.ts';
import { resolveOptions } from '../options.ts';
import * as calls from '../thrift/block-master-calls.ts';
import type { ThriftConnection } from '../thrift/connection.ts';
import { settle } from '../thrift/errors.ts';
import { MasterLine } from '../thrift/master-connection.ts';

/** By cluster: the ids of the workers that clients play. A worker keeps its own when a connection is lost. */
const IDS = new WeakMap<Cluster, Map<string, bigint>>();

export function workerClient(cluster: Cluster): Client {
  const capacity = BigInt(resolveOptions(setUpAs(cluster)).workerMemoryMb) << 20n;
  const ids = IDS.get(cluster) ?? new Map<string, bigint>();
  IDS.set(cluster, ids);
  let line: MasterLine | null = null;
  return {
    open: async (node: NodeName, signal: AbortSignal) => {
      line = new MasterLine(cluster.node(node), signal);
      await line.connected();
    },
    invoke: async (operation) => {
      if (line === null) throw new TypeError('alluxio client: invoke before open');
      const connection = await line.connected();
      return settle(operate(connection, { ids, capacity }, operation));
    },
    close: async () => line?.close(),
    session: () => line?.name ?? 'none',
  };
}

/** The workers that a client plays. */
interface Played {
  readonly ids: Map<string, bigint>;
  readonly capacity: bigint;
}

async function operate(
  connection: ThriftConnection,
  played: Played,
  { f, value }: Invocation,
): Promise<Value> {
  switch (f) {
    case 'workers':
      return workers(connection);
    case 'enlist': {
      const host = textOf(value);
      const id = await calls.getWorkerId(connection, host);
      played.ids.set(host, id);
      return host;
    }
    case 'register':
      await calls.registerWorker(connection, idOf(played, value), played.capacity);
      return value;
    case 'commit': {
      const { worker, block } = commitOf(value);
      await calls.commitBlock(connection, idOf(played, worker), block);
      return value;
    }
    default:
      throw new TypeError(`the worker client does not know "${f}"`);
  }
}

async function workers(connection: ThriftConnection): Promise<Value> {
  const listed = await calls.workerInfoList(connection);
  return listed.map(({ host, state, capacityBytes }) => ({ worker: host, state, capacityBytes }));
}

/** @throws DefiniteError when it was not enlisted, so that nothing can be asked */
function idOf({ ids }: Played, worker: Value): bigint {
  const id = ids.get(textOf(worker));
  if (id !== undefined) return id;
  const message = `${JSON.stringify(worker)} has no id: it was not enlisted`;
  throw new DefiniteError('rejected', message, { code: 'NOTENLISTED' });
}

function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`expected a worker's name, got ${JSON.stringify(value)}`);
}

function commitOf(value: Value): { readonly worker: Value; readonly block: bigint } {
  if (value !== null && typeof value === 'object' && 'worker' in value) {
    const { worker, block } = value;
    if (typeof worker === 'string' && typeof block === 'number') {
      return { worker, block: BigInt(block) };
    }
  }
  throw new TypeError(`expected {worker, block}, got ${JSON.stringify(value)}`);
}
