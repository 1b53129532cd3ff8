/** The wire client of workload `set`: one znode an element, under one parent. */
import type { Client } from '../../../harness/client.ts';
import type { Invocation, Value } from '../../../harness/operation.ts';
import type { Cluster } from '../../../harness/testbed.ts';
import type { Connection } from './connection.ts';
import { create, getChildren } from './requests.ts';
import { sessionClient } from './session-client.ts';
import type { Session } from './session.ts';

export const ELEMENTS = '/faultline/elements';

const NOTHING = new Uint8Array(0);

/**
 * `add` of a number → the number; `strict-read` → all elements, ascending, behind a barrier; `final-state` → the same
 * as {elements}, for comparison between nodes.
 */
export function setClient(cluster: Cluster): Client {
  return sessionClient(cluster, invoke);
}

async function invoke(session: Session, { f, value }: Invocation): Promise<Value> {
  const connection = await session.connected();
  switch (f) {
    case 'add':
      // The leader refuses a second node of one name, so that an element is there once or not at all.
      await create(connection, `${ELEMENTS}/${elementName(value)}`, NOTHING);
      return value;
    case 'strict-read':
      await session.writeBarrier(connection);
      return readElements(connection);
    case 'final-state':
      await session.writeBarrier(connection);
      return { elements: await readElements(connection) };
    default:
      throw new TypeError(`set client: unknown f ${f}; expected add, strict-read, final-state`);
  }
}

async function readElements(connection: Connection): Promise<number[]> {
  const names = await getChildren(connection, ELEMENTS);
  return names.map(Number).sort((a, b) => a - b);
}

function elementName(value: Value): string {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return String(value);
  throw new TypeError(`add: value ${JSON.stringify(value)}, expected an integer of at least 0`);
}
