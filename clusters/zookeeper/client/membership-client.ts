/** The wire client of the membership workloads: the node of each client joins and leaves a group. */
import type { Client } from '../../../harness/client.ts';
import type { Invocation, Value } from '../../../harness/operation.ts';
import type { Cluster } from '../../../harness/testbed.ts';
import { pathOf } from './registry.ts';
import { create, deleteNode } from './requests.ts';
import { sessionClient } from './session-client.ts';
import type { Session } from './session.ts';

/** `join` of a node: its ephemeral node is made; `leave`: it is removed. Refused where it is so already. */
export function membershipClient(cluster: Cluster): Client {
  return sessionClient(cluster, answer);
}

async function answer(session: Session, { f, value }: Invocation): Promise<Value> {
  if (typeof value !== 'string') {
    throw new TypeError(`${f}: expected the name of a node, got ${JSON.stringify(value)}`);
  }
  const connection = await session.connected();
  if (f === 'join') await create(connection, pathOf(value), new Uint8Array(0), 'ephemeral');
  else if (f === 'leave') await deleteNode(connection, pathOf(value));
  else throw new TypeError(`membership client: unknown f ${f}; expected join, leave`);
  return value;
}
