/**
 * The namespace calls of Alluxio 2.x (grpc/file_system_master.proto in alluxio-core-transport). Everything is kept in
 * Alluxio alone (MUST_CACHE, alluxioOnly), so that only the journal decides what exists.
 */
import { bytesField, message, messageField, varintField } from '../../wire/protobuf.ts';
import type { Message } from '../../wire/protobuf.ts';
import type { GrpcChannel } from './channel.ts';

const SERVICE = 'alluxio.grpc.file.FileSystemMasterClientService';
const MUST_CACHE = 1;
const NEVER_LOAD = 0;
/** Do not look into the under file system. */
const NO_SYNC = -1;
const BLOCK_BYTES = 1024 * 1024;

/** What a listing tells of one entry. */
export interface Entry {
  readonly path: string;
  readonly folder: boolean;
  /** Of a file: whether it was closed. */
  readonly completed: boolean;
}

/** Fails when the path exists or its parent does not. */
export async function createDirectory(channel: GrpcChannel, path: string): Promise<void> {
  const options = messageField(2, varintField(1, false), varintField(2, false), mustCache(4));
  await channel.call(`${SERVICE}/CreateDirectory`, message(bytesField(1, path), options));
}

/** Makes a directory and those above it that are missing. */
export async function createDirectories(channel: GrpcChannel, path: string): Promise<void> {
  const options = messageField(2, varintField(1, true), varintField(2, true), mustCache(4));
  await channel.call(`${SERVICE}/CreateDirectory`, message(bytesField(1, path), options));
}

/** Makes an empty file, not completed. Fails when the path exists or its parent does not. */
export async function createFile(channel: GrpcChannel, path: string): Promise<void> {
  const options = messageField(2, varintField(1, BLOCK_BYTES), varintField(2, false), mustCache(8));
  await channel.call(`${SERVICE}/CreateFile`, message(bytesField(1, path), options));
}

/** Fails when `from` does not exist, or `to` does. */
export async function rename(channel: GrpcChannel, from: string, to: string): Promise<void> {
  await channel.call(`${SERVICE}/Rename`, message(bytesField(1, from), bytesField(2, to)));
}

/** Removes a file or a directory that is empty. Fails when it does not exist. */
export async function remove(channel: GrpcChannel, path: string): Promise<void> {
  const options = messageField(2, varintField(1, false), varintField(2, true));
  await channel.call(`${SERVICE}/Remove`, message(bytesField(1, path), options));
}

/** One entry. Fails when it does not exist. */
export async function getStatus(channel: GrpcChannel, path: string): Promise<Entry> {
  const options = messageField(2, varintField(1, NEVER_LOAD), commonOptions(3));
  const answer = await channel.call(`${SERVICE}/GetStatus`, message(bytesField(1, path), options));
  const info = answer.message(1);
  if (info === undefined) throw new TypeError(`GetStatus of ${path} answers no status`);
  return entryOf(info);
}

/** The entries of a directory. */
export async function listStatus(channel: GrpcChannel, path: string): Promise<readonly Entry[]> {
  const options = messageField(2, varintField(2, NEVER_LOAD), commonOptions(3));
  const request = message(bytesField(1, path), options);
  const answers = await channel.collect(`${SERVICE}/ListStatus`, request);
  return answers.flatMap((answer) => answer.messages(1).map(entryOf));
}

function mustCache(number: number): Buffer | null {
  return varintField(number, MUST_CACHE);
}

function commonOptions(number: number): Buffer | null {
  return messageField(number, varintField(1, NO_SYNC));
}

function entryOf(info: Message): Entry {
  const path = info.text(3);
  if (path === undefined) throw new TypeError('an entry without a path');
  return { path, folder: info.number(9) === 1, completed: info.number(8) === 1 };
}
