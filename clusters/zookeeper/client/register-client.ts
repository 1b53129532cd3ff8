/** The wire client of workload `register`: values are `[key, value]`. */
import type { Client } from '../../../harness/client.ts';
import type { Invocation, Value } from '../../../harness/operation.ts';
import type { Cluster } from '../../../harness/testbed.ts';
import type { Connection } from './connection.ts';
import { readAllRegisters, readRegister, swapRegister, writeRegister } from './register.ts';
import { sessionClient } from './session-client.ts';
import type { Session } from './session.ts';

/**
 * `write` → {value, version}; `cas` of {from, to} → {swapped, version}; `read`, `strict-read` → {value, version}, of
 * which `read` is the plain one; `final-state` (its value is null) → all registers as the node has them.
 */
export function registerClient(cluster: Cluster): Client {
  return sessionClient(cluster, invoke);
}

async function invoke(session: Session, { f, value }: Invocation): Promise<Value> {
  const connection = await session.connected();
  const barrier = (): Promise<void> => session.writeBarrier(connection);
  if (f === 'final-state') {
    await barrier();
    return readAllRegisters(connection);
  }
  const [key, argument] = keyed(f, value);
  const answer = await answerTo(f, connection, nameOf(key), argument, barrier);
  return [key, answer];
}

async function answerTo(
  f: string,
  connection: Connection,
  key: string,
  argument: Value,
  barrier: () => Promise<void>,
): Promise<Value> {
  switch (f) {
    case 'write':
      return { value: argument, version: await writeRegister(connection, key, argument) };
    case 'cas':
      return { ...(await swapRegister(connection, key, change(argument), barrier)) };
    case 'read':
      return { ...(await readRegister(connection, key)) };
    case 'strict-read':
      await barrier();
      return { ...(await readRegister(connection, key)) };
    default:
      throw new TypeError(
        `register client: unknown f ${f}; expected write, cas, read, strict-read`,
      );
  }
}

function keyed(f: string, value: Value): readonly [Value, Value] {
  if (Array.isArray(value) && value.length === 2) return [value[0] as Value, value[1] as Value];
  throw new TypeError(`${f}: value ${JSON.stringify(value)}, expected [key, value]`);
}

function nameOf(key: Value): string {
  if (typeof key === 'string' || typeof key === 'number') return String(key);
  throw new TypeError(`key ${JSON.stringify(key)}, expected a string or a number`);
}

function change(argument: Value): { readonly from: Value; readonly to: Value } {
  if (typeof argument === 'object' && argument !== null && 'from' in argument && 'to' in argument) {
    return { from: argument['from'], to: argument['to'] };
  }
  throw new TypeError(`cas: value ${JSON.stringify(argument)}, expected {from, to}`);
}
