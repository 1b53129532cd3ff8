/** The wire client of the creation workloads: an administrator creates objects by name, and lists them. */
import type { Client } from '../../../harness/client.ts';
import { IndefiniteError } from '../../../harness/client.ts';
import { realClock } from '../../../harness/clock.ts';
import type { Invocation, NodeName, Value } from '../../../harness/operation.ts';
import type { Cluster, Node } from '../../../harness/testbed.ts';
import { type Connection, connectSession } from './connection.ts';
import { create, getChildren } from './requests.ts';
import { sessionClient } from './session-client.ts';
import { type Session, settle } from './session.ts';

export const OBJECTS = '/faultline/objects';

/** `create` of a name, refused where it exists; `list` of all names, behind a barrier. */
export function creationClient(cluster: Cluster): Client {
  return sessionClient(cluster, answer);
}

async function answer(session: Session, { f, value }: Invocation): Promise<Value> {
  const connection = await session.connected();
  if (f === 'create') return createObject(connection, value);
  if (f !== 'list') throw new TypeError(`creation client: unknown f ${f}; expected create, list`);
  await session.writeBarrier(connection);
  return (await getChildren(connection, OBJECTS)).sort();
}

async function createObject(connection: Connection, name: Value): Promise<Value> {
  if (typeof name !== 'string') {
    throw new TypeError(`create: expected a name, got ${JSON.stringify(name)}`);
  }
  await create(connection, `${OBJECTS}/${name}`, new Uint8Array(0));
  return name;
}

/**
 * Deliberately weak: a creation whose outcome is not known is sent again, to another server, and the answer to that is
 * taken for the answer. (It may be that it exists: the first one made it.)
 */
export function retryingCreationClient(cluster: Cluster): Client {
  const client = creationClient(cluster);
  let home: NodeName = '';
  let giveUp = new AbortController().signal;
  return {
    open: (node, signal) => {
      home = node;
      giveUp = signal;
      return client.open(node, signal);
    },
    invoke: async (operation) => {
      try {
        return await client.invoke(operation);
      } catch (error) {
        if (!(error instanceof IndefiniteError) || operation.f !== 'create') throw error;
        const others = cluster.nodes.filter(({ name }) => name !== home);
        return createOnOneOf(others, operation.value, giveUp, error);
      }
    },
    close: () => client.close(),
    session: () => client.session?.() ?? 'none',
  };
}

/** On the first that gives a session. @throws `otherwise` when none does */
async function createOnOneOf(
  nodes: readonly Node[],
  name: Value,
  signal: AbortSignal,
  otherwise: IndefiniteError,
): Promise<Value> {
  const [node, ...others] = nodes;
  if (node === undefined) throw otherwise;
  let connection: Connection;
  try {
    connection = await connectSession({ address: node.address }, realClock(), signal);
  } catch {
    return createOnOneOf(others, name, signal, otherwise); // It was not asked.
  }
  try {
    return await settle(createObject(connection, name));
  } finally {
    await connection.close();
  }
}
