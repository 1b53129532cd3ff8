/**
 * The namespace calls of Alluxio 1.x (core/common/src/thrift/file_system_master.thrift). Everything is kept in Alluxio
 * alone (not persisted), so that only the journal decides what exists.
 */
import {
  flagField,
  i32Field,
  i64Field,
  struct,
  Struct,
  structField,
  textField,
  type ThriftValue,
} from './codec.ts';
import type { ThriftConnection } from './connection.ts';

const SERVICE = 'FileSystemMasterClient';
const BLOCK_BYTES = 1n << 20n;
/** Do not look into the under store for what is not known. */
const NEVER_LOAD = 0;

/** What a listing tells of one entry. */
export interface Entry {
  readonly path: string;
  readonly folder: boolean;
  /** Of a file: whether it was closed. */
  readonly completed: boolean;
}

/** @throws AlluxioError when the path exists or its parent does not */
export async function createDirectory(connection: ThriftConnection, path: string): Promise<void> {
  const options = struct(flagField(1, false), flagField(2, false), flagField(3, false));
  const args = struct(textField(1, path), structField(2, options));
  await connection.call(SERVICE, 'createDirectory', args);
}

/** Makes an empty file, not completed. @throws AlluxioError when the path exists or its parent does not */
export async function createFile(connection: ThriftConnection, path: string): Promise<void> {
  const options = struct(i64Field(1, BLOCK_BYTES), flagField(2, false), flagField(3, false));
  const args = struct(textField(1, path), structField(2, options));
  await connection.call(SERVICE, 'createFile', args);
}

/** @throws AlluxioError when it does not exist, or is completed */
export async function completeFile(connection: ThriftConnection, path: string): Promise<void> {
  const args = struct(textField(1, path), structField(2, struct(i64Field(1, 0n))));
  await connection.call(SERVICE, 'completeFile', args);
}

/** @throws AlluxioError when `from` does not exist, or `to` does */
export async function rename(
  connection: ThriftConnection,
  from: string,
  to: string,
): Promise<void> {
  const args = struct(textField(1, from), textField(2, to), structField(3, struct()));
  await connection.call(SERVICE, 'rename', args);
}

/** Removes a file or a directory that is empty. @throws AlluxioError when it does not exist or is not empty */
export async function remove(connection: ThriftConnection, path: string): Promise<void> {
  const options = struct(flagField(1, false), flagField(2, true), flagField(3, false));
  const args = struct(textField(1, path), flagField(2, false), structField(3, options));
  await connection.call(SERVICE, 'remove', args);
}

/** @throws AlluxioError when it does not exist */
export async function getStatus(connection: ThriftConnection, path: string): Promise<Entry> {
  const args = struct(textField(1, path), structField(2, struct(i32Field(1, NEVER_LOAD))));
  const answer = await connection.call(SERVICE, 'getStatus', args);
  if (!(answer instanceof Struct)) throw new TypeError(`getStatus of ${path} answers no status`);
  const info = answer.struct(1);
  if (info === undefined) throw new TypeError(`getStatus of ${path} answers no status`);
  return entryOf(info);
}

/** The entries of a directory. @throws AlluxioError when there is none */
export async function listStatus(
  connection: ThriftConnection,
  path: string,
): Promise<readonly Entry[]> {
  const args = struct(textField(1, path), structField(2, struct(i32Field(2, NEVER_LOAD))));
  const answer = await connection.call(SERVICE, 'listStatus', args);
  return entriesOf(answer).map(entryOf);
}

function entriesOf(answer: ThriftValue | undefined): readonly Struct[] {
  if (answer instanceof Struct) return answer.structs(1);
  throw new TypeError('listStatus answers no list');
}

/** FileInfo{3: path, 8: completed, 9: folder}. */
function entryOf(info: Struct): Entry {
  const path = info.text(3);
  if (path === undefined) throw new TypeError('an entry without a path');
  return { path, folder: info.flag(9) === true, completed: info.flag(8) === true };
}
