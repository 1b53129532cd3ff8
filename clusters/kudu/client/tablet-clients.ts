/** The wire clients of the workloads on rows. */
import type { Client } from '../../../harness/client.ts';
import type { Invocation, NodeName, Value } from '../../../harness/operation.ts';
import type { Cluster } from '../../../harness/testbed.ts';
import { ColumnOperations } from './column-operations.ts';
import { RegisterOperations } from './register-operations.ts';
import { SetOperations } from './set-operations.ts';
import { snapshotsOf } from './snapshots.ts';
import { TabletSession } from './tablet-session.ts';

/** What one worker's client does with an operation. */
export interface RowOperations {
  /** Resolves with the value of its `ok`. */
  invoke(operation: Invocation): Promise<Value>;
}

/** By workload. */
export const TABLET_CLIENTS: Readonly<Record<string, (cluster: Cluster) => Client>> = {
  register: registerClient,
  snapshot: registerClient,
  'read-your-writes': registerClient,
  membership: registerClient,
  columns: (cluster) =>
    rowClient(cluster, (session, signal) => new ColumnOperations(session, cluster, signal)),
  set: (cluster) => rowClient(cluster, (session) => new SetOperations(session)),
};

function registerClient(cluster: Cluster): Client {
  const snapshots = snapshotsOf(cluster);
  return rowClient(cluster, (session) => new RegisterOperations(session, snapshots));
}

function rowClient(
  cluster: Cluster,
  make: (session: TabletSession, signal: AbortSignal) => RowOperations,
): Client {
  let session: TabletSession | null = null;
  let operations: RowOperations | null = null;
  return {
    open: async (node: NodeName, signal: AbortSignal) => {
      session = new TabletSession(cluster, node, signal);
      operations = make(session, signal);
      await session.open();
    },
    invoke: (operation) => {
      if (operations === null) throw new TypeError('kudu client: invoke before open');
      return operations.invoke(operation);
    },
    close: async () => session?.close(),
    // The timestamps that it carries make it a session, not its connections.
    session: () => session?.name ?? 'none',
  };
}
