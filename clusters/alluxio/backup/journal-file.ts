/**
 * What a backup file holds: gzip of journal entries, each after its length (alluxio.master.BackupManager; journal.proto
 * and file.proto in alluxio-core-transport). A backup's entries are the state at one moment, one for each inode.
 */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Message, readVarint } from '../../wire/protobuf.ts';

const unzip = promisify(gunzip);

/** Fields of JournalEntry. */
const INODE_DIRECTORY = 9;
const INODE_FILE = 11;

interface Inode {
  readonly parent: bigint;
  readonly name: string;
}

/**
 * Paths of all directories and files in a backup.
 * @throws Error when the file is cut off, RangeError when it is no backup
 */
export async function pathsInBackup(file: Uint8Array): Promise<readonly string[]> {
  const bytes = await unzip(file);
  const inodes = new Map<bigint, Inode>();
  for (let at = 0; at < bytes.length;) {
    const [length, start] = readVarint(bytes, at);
    const end = start + Number(length);
    if (end > bytes.length) throw new RangeError('the backup ends in an entry');
    const entry = Message.read(bytes.subarray(start, end));
    const inode = entry.message(INODE_DIRECTORY) ?? entry.message(INODE_FILE);
    const id = inode?.bigint(1);
    if (inode !== undefined && id !== undefined) {
      inodes.set(id, { parent: inode.bigint(2) ?? -1n, name: inode.text(3) ?? '' });
    }
    at = end;
  }
  return [...inodes.keys()].map((id) => pathOf(inodes, id)).sort();
}

/** The root's name is empty. */
function pathOf(inodes: ReadonlyMap<bigint, Inode>, id: bigint): string {
  const names: string[] = [];
  for (let at = inodes.get(id); at !== undefined && at.name !== ''; at = inodes.get(at.parent)) {
    names.unshift(at.name);
  }
  return `/${names.join('/')}`;
}
