/** What each master shows of the workers, polled over one connection that stays open: `worker-state`. */
import type { Clock } from '../../../harness/clock.ts';
import type { EventSink, Observed } from '../../../harness/event.ts';
import { MILLISECOND, type NodeName } from '../../../harness/operation.ts';
import { nodesOfRole } from '../../../harness/roles.ts';
import type { Observer } from '../../../harness/system.ts';
import type { Node } from '../../../harness/testbed.ts';
import { setUpAs } from '../generation.ts';
import { resolveOptions } from '../options.ts';
import { isMaster, WORKER } from '../roles.ts';
import { type WorkerInfo, workerInfoList } from '../thrift/block-master-calls.ts';
import type { ThriftConnection } from '../thrift/connection.ts';
import { connectMaster } from '../thrift/master-connection.ts';

const IN_SERVICE = 'In Service';
/** A master that does not listen is not asked again at once, however short the period. */
const NOBODY_THERE = 50 * MILLISECOND;

/**
 * Of every worker that there should be, and of any other that a master lists: whether it is in service, and the capacity
 * that it shows. All declare the same, which they send with their registration.
 */
export function workerObserver(periodMs: number): Observer {
  const connections = new WeakMap<Node, ThriftConnection>();
  const connected = async (
    node: Node,
    clock: Clock,
    signal: AbortSignal,
  ): Promise<ThriftConnection> => {
    const known = connections.get(node);
    if (known?.usable === true) return known;
    try {
      const connection = await connectMaster(node, signal);
      connection.outlive();
      connections.set(node, connection);
      return connection;
    } catch (error) {
      await clock.sleep(NOBODY_THERE, signal);
      throw error;
    }
  };
  return {
    name: 'alluxio-workers',
    periodMs,
    polls: (name) => isMaster({ name }),
    poll: async (node, clock, events, signal) => {
      const connection = await connected(node, clock, signal);
      const abort = (): void => connection.close();
      signal.addEventListener('abort', abort, { once: true });
      try {
        const notBefore = clock.now();
        const listed = await workerInfoList(connection);
        tell(node, listed, { notBefore, notAfter: clock.now() }, events);
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
  };
}

function tell(
  node: Node,
  listed: readonly WorkerInfo[],
  interval: Observed,
  events: EventSink,
): void {
  const options = setUpAs(node);
  const declared = { capacityBytes: resolveOptions(options).workerMemoryMb * 2 ** 20 };
  const inService = listed.filter(({ state }) => state === IN_SERVICE);
  const expected = nodesOfRole(WORKER, options.nodes);
  const workers = new Set<NodeName>([...expected, ...inService.map(({ host }) => host)]);
  for (const worker of workers) {
    const entries = inService.filter(({ host }) => host === worker);
    const [entry] = entries;
    events({
      ...{ type: 'worker-state', observer: node.name, worker },
      ...{ registered: entry !== undefined, entries: entries.length, declared },
      shown: entry === undefined ? {} : { capacityBytes: entry.capacityBytes },
      ...interval,
    });
  }
}
