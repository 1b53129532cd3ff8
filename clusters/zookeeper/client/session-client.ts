/** A wire client is a session and what it does with an operation. */
import type { Client } from '../../../harness/client.ts';
import type { Invocation, NodeName, Value } from '../../../harness/operation.ts';
import type { Cluster } from '../../../harness/testbed.ts';
import { Session, settle } from './session.ts';

export interface SessionClientOptions {
  /** Of its sessions. Default: connectSession's. */
  readonly timeoutMs?: number;
  /** `leave` lets the session end by its timeout, and what it holds with it. Default: `end`. */
  readonly closing?: 'end' | 'leave';
}

/**
 * A client that answers operations over one session at a time; errors are typed by `settle`.
 */
export function sessionClient(
  cluster: Cluster,
  answer: (session: Session, invocation: Invocation) => Promise<Value>,
  { timeoutMs, closing = 'end' }: SessionClientOptions = {},
): Client {
  let session: Session | null = null;
  const opened = (): Session => {
    if (session === null) throw new TypeError('zookeeper client: invoke before open');
    return session;
  };
  return {
    open: async (node: NodeName, signal: AbortSignal) => {
      session = new Session(cluster.node(node).address, signal, { timeoutMs });
      await session.connected();
    },
    invoke: (operation) => settle(answer(opened(), operation)),
    close: async () => (closing === 'end' ? session?.close() : session?.leave()),
    session: () => session?.name ?? 'none',
  };
}
