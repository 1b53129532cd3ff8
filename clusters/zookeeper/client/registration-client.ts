/** The wire client of the registration workloads: each keeps the worker of its own node registered. */
import type { Client } from '../../../harness/client.ts';
import type { Invocation, NodeName, Value } from '../../../harness/operation.ts';
import type { Cluster } from '../../../harness/testbed.ts';
import { declareThen, looksRegistered, registerAtOnce, registerFirst } from './registry.ts';
import { sessionClient, type SessionClientOptions } from './session-client.ts';
import type { Session } from './session.ts';

/**
 * Short, so that what a dead session registered goes soon. A client that is replaced leaves its session: its successor
 * registers the worker before it ends.
 */
const SESSIONS: SessionClientOptions = { timeoutMs: 2000, closing: 'leave' };

/**
 * `register` of a worker, once a session, with its soft state in the same transaction; `look`: whether it is registered,
 * as its server shows it.
 */
export function registrationClient(cluster: Cluster): Client {
  let registered = 'nobody';
  const answer = async (session: Session, { f, value }: Invocation): Promise<Value> => {
    const connection = await session.connected();
    if (f === 'look') return looksRegistered(connection, workerOf(value));
    if (f !== 'register') throw unknown(f, 'register, look');
    if (registered !== connection.session) await registerAtOnce(connection, workerOf(value));
    registered = connection.session;
    return value;
  };
  return sessionClient(cluster, answer, SESSIONS);
}

/** Deliberately weak: `register` makes the worker known, and a `declare` after it its soft state. */
export function twoStepRegistrationClient(cluster: Cluster): Client {
  let registered = 'nobody';
  let declared = 'nobody';
  const answer = async (session: Session, { f, value }: Invocation): Promise<Value> => {
    const connection = await session.connected();
    if (f === 'register') {
      if (registered !== connection.session) await registerFirst(connection, workerOf(value));
      registered = connection.session;
    } else if (f === 'declare') {
      if (registered !== connection.session || declared === connection.session) return value;
      await declareThen(connection, workerOf(value));
      declared = connection.session;
    } else {
      throw unknown(f, 'register, declare');
    }
    return value;
  };
  return sessionClient(cluster, answer, SESSIONS);
}

function workerOf(value: Value): NodeName {
  if (typeof value === 'string') return value;
  throw new TypeError(`expected the name of a worker, got ${JSON.stringify(value)}`);
}

function unknown(f: string, expected: string): TypeError {
  return new TypeError(`registration client: unknown f ${f}; expected ${expected}`);
}
