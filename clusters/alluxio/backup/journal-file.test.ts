import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

import { bytesField, message, messageField, varint, varintField } from '../../wire/protobuf.ts';
import { pathsInBackup } from './journal-file.ts';

/** A journal entry of an inode: field 9 is a directory, 11 a file. */
function inode(field: number, id: number, parent: number, name: string): Buffer {
  const fields = [varintField(1, id), varintField(2, parent), bytesField(3, name)];
  const entry = message(varintField(1, 7), messageField(field, ...fields));
  return Buffer.concat([varint(entry.length), entry]);
}

it('reads the paths of directories and files, in whatever order their entries come', async () => {
  const other = message(messageField(42, bytesField(1, 'a cluster')));
  const entries = [
    ...[inode(11, 4, 3, 'file'), inode(9, 3, 1, 'b'), Buffer.concat([varint(other.length), other])],
    ...[inode(9, 1, -1, ''), inode(9, 5, 3, 'c')],
  ];
  expect(await pathsInBackup(gzipSync(Buffer.concat(entries)))).toEqual([
    ...['/', '/b', '/b/c', '/b/file'],
  ]);
});

it('refuses a file that is cut off', async () => {
  const whole = gzipSync(inode(9, 1, -1, 'a'));
  await expect(pathsInBackup(whole.subarray(0, whole.length - 9))).rejects.toThrow();
  const entry = inode(9, 1, -1, 'a');
  const short = gzipSync(entry.subarray(0, entry.length - 1));
  await expect(pathsInBackup(short)).rejects.toThrow('ends in');
});
