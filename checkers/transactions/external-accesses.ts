/** What transactions on registers show to others: of each key the first read before any write, and the last write. */
import { FAIL, READ, WRITE, type TransactionColumns } from './columns.ts';
import { NONE } from './list-versions.ts';

/** The accesses of transaction t are first[t] up to, not including, first[t + 1]; of failed ones there are none. */
export interface ExternalAccesses {
  readonly first: Int32Array;
  readonly key: Int32Array;
  /** The version read first; NONE where it was not read, not before it was written, or with an unknown answer. */
  readonly read: Int32Array;
  /** The version written last; NONE where it was not written. */
  readonly write: Int32Array;
}

export function externalAccessesOf(columns: TransactionColumns): ExternalAccesses {
  const { count, type, firstOp, endOp, kind, key, value } = columns;
  const first = new Int32Array(count + 1);
  const keys = new Int32Array(kind.length);
  const read = new Int32Array(kind.length).fill(NONE);
  const write = new Int32Array(kind.length).fill(NONE);
  // Of each key: its access, where it is one of the transaction at hand.
  const place = new Int32Array(columns.versions.keys.size).fill(NONE);
  let size = 0;
  for (let t = 0; t < count; t++) {
    const begin = size;
    first[t] = begin;
    if (type[t] === FAIL) continue;
    const end = endOp[t] as number;
    for (let op = firstOp[t] as number; op < end; op++) {
      const k = key[op] as number;
      let at = place[k] as number;
      if (at < begin) {
        at = place[k] = size++;
        keys[at] = k;
        if (kind[op] === READ) read[at] = value[op] as number;
      }
      if (kind[op] === WRITE) write[at] = value[op] as number;
    }
  }
  first[count] = size;
  return {
    first,
    key: keys.subarray(0, size),
    read: read.subarray(0, size),
    write: write.subarray(0, size),
  };
}
