/**
 * Registers on znodes: one node a key, its data the value as JSON, its `stat.version` the version. Each call has at
 * most one request that can take effect, and sends it once.
 */
import { DefiniteError } from '../../../harness/client.ts';
import type { Value } from '../../../harness/operation.ts';
import type { Connection } from './connection.ts';
import type { Stat } from './records.ts';
import { ANY_VERSION, create, getChildren, getData, setData } from './requests.ts';
import { unless } from './session.ts';

export const REGISTERS = '/faultline/registers';

/** A register's value with the version of its node; absent is `null` with version -1. */
export interface Versioned {
  readonly value: Value;
  readonly version: number;
}

const ABSENT: Versioned = { value: null, version: -1 };

/** Reads from the session's own server. */
export async function readRegister(connection: Connection, key: string): Promise<Versioned> {
  const found = await unless(getData(connection, pathOf(key)), 'NONODE', null);
  if (found === null) return ABSENT;
  const value = JSON.parse(found.data.toString('utf8')) as Value;
  return { value, version: found.stat.version };
}

/** Writes whatever is there, and returns the new version. */
export async function writeRegister(
  connection: Connection,
  key: string,
  value: Value,
): Promise<number> {
  const data = encode(value);
  const update = (): Promise<Stat> => setData(connection, pathOf(key), data, ANY_VERSION);
  // NONODE and NODEEXISTS are answers that say that nothing was done: the value is still written once.
  const stat = await unless(update(), 'NONODE', null);
  if (stat !== null) return stat.version;
  const created = await unless(create(connection, pathOf(key), data), 'NODEEXISTS', null);
  return created === null ? (await update()).version : 0;
}

/** The answer to a compare-and-set; `version` is that of the swapped value, or of the one that differed. */
export interface SwapAnswer {
  readonly swapped: boolean;
  readonly version: number;
}

/**
 * Compares and sets. A plain read that differs proves nothing, it may be stale: then it is repeated behind `barrier`.
 * @throws DefiniteError `rejected` BADVERSION when the register changed between reading and setting: no effect, and no
 * more is known (it may hold the old value again).
 */
export async function swapRegister(
  connection: Connection,
  key: string,
  change: { readonly from: Value; readonly to: Value },
  barrier: () => Promise<void>,
): Promise<SwapAnswer> {
  const from = JSON.stringify(change.from);
  let seen = await readRegister(connection, key);
  if (JSON.stringify(seen.value) !== from) {
    await barrier();
    seen = await readRegister(connection, key);
  }
  if (JSON.stringify(seen.value) !== from) return { swapped: false, version: seen.version };
  if (seen.version < 0) {
    await create(connection, pathOf(key), encode(change.to));
    return { swapped: true, version: 0 };
  }
  const set = setData(connection, pathOf(key), encode(change.to), seen.version);
  const stat = await unless(set, 'BADVERSION', null);
  if (stat === null) {
    const message = `cas ${key}: the register changed after version ${seen.version}`;
    throw new DefiniteError('rejected', message, { code: 'BADVERSION' });
  }
  return { swapped: true, version: stat.version };
}

/** Every register, with the transaction that wrote it last: what replicas that agree must agree on. */
export async function readAllRegisters(
  connection: Connection,
): Promise<Readonly<Record<string, Value>>> {
  const keys = (await getChildren(connection, REGISTERS)).sort();
  const found = await Promise.all(keys.map((key) => getData(connection, pathOf(key))));
  const states = found.map(({ data, stat }, index): [string, Value] => [
    keys[index] ?? '',
    { value: data.toString('utf8'), version: stat.version, mzxid: stat.mzxid.toString(16) },
  ]);
  return Object.fromEntries(states);
}

function pathOf(key: string): string {
  return `${REGISTERS}/${key}`;
}

function encode(value: Value): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8');
}
