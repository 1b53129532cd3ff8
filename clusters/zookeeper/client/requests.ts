/** ZooKeeper's operations as calls on a connection. Each sends exactly one request. */
import { KeeperError } from '../errors.ts';
import type { Connection } from './connection.ts';
import type { CreateMode, Stat } from './records.ts';
import * as records from './records.ts';

export interface NodeData {
  readonly data: Buffer;
  readonly stat: Stat;
}

/** Any version, for `setData` and `deleteNode`. */
export const ANY_VERSION = -1;

/** Creates a node and returns its path (with its number, for a sequential one). */
export async function create(
  connection: Connection,
  path: string,
  data: Uint8Array,
  mode: CreateMode = 'persistent',
): Promise<string> {
  const reply = await connection.send(`create ${path}`, (xid) =>
    records.createRequest(xid, path, data, mode),
  );
  return reply.string();
}

export async function getData(connection: Connection, path: string): Promise<NodeData> {
  const reply = await connection.send(`getData ${path}`, (xid) =>
    records.readRequest(xid, records.OPCODE.getData, path),
  );
  return { data: Buffer.from(reply.buffer() ?? []), stat: records.readStat(reply) };
}

/** @param version the version that the node must have, or ANY_VERSION. */
export async function setData(
  connection: Connection,
  path: string,
  data: Uint8Array,
  version: number,
): Promise<Stat> {
  const reply = await connection.send(`setData ${path}`, (xid) =>
    records.setDataRequest(xid, path, data, version),
  );
  return records.readStat(reply);
}

/** @throws KeeperError NONODE when there is none. */
export async function exists(connection: Connection, path: string): Promise<Stat> {
  const reply = await connection.send(`exists ${path}`, (xid) =>
    records.readRequest(xid, records.OPCODE.exists, path),
  );
  return records.readStat(reply);
}

export async function deleteNode(
  connection: Connection,
  path: string,
  version: number = ANY_VERSION,
): Promise<void> {
  await connection.send(`delete ${path}`, (xid) => records.deleteRequest(xid, path, version));
}

export async function getChildren(connection: Connection, path: string): Promise<string[]> {
  const reply = await connection.send(`getChildren ${path}`, (xid) =>
    records.readRequest(xid, records.OPCODE.getChildren, path),
  );
  return reply.vector(() => reply.string());
}

/** The children of a node with the node's own state, both of one moment. */
export async function getChildrenAndState(
  connection: Connection,
  path: string,
): Promise<{ readonly children: readonly string[]; readonly stat: Stat }> {
  const reply = await connection.send(`getChildren2 ${path}`, (xid) =>
    records.readRequest(xid, records.OPCODE.getChildren2, path),
  );
  return { children: reply.vector(() => reply.string()), stat: records.readStat(reply) };
}

/** All of it in one transaction, or nothing. @throws KeeperError of the part that could not be done. */
export async function multi(
  connection: Connection,
  parts: readonly records.MultiPart[],
): Promise<void> {
  const reply = await connection.send('multi', (xid) => records.multiRequest(xid, parts));
  const error = records.readMultiError(reply);
  if (error !== 0) throw new KeeperError(error, 'multi');
}

/** Changes the members. @param joining `server.3=address:2888:3888:participant;2181` @param leaving `3` */
export async function reconfigure(
  connection: Connection,
  joining: string | null,
  leaving: string | null,
): Promise<void> {
  await connection.send('reconfig', (xid) => records.reconfigRequest(xid, joining, leaving));
}

/** Waits until the server has applied what the leader had committed when it was asked. Not a quorum operation. */
export async function sync(connection: Connection, path: string): Promise<void> {
  await connection.send(`sync ${path}`, (xid) => records.syncRequest(xid, path));
}
