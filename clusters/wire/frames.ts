/** Splits a TCP byte stream into frames: a 4-byte big-endian length, then that many bytes. */

/** Longer than any answer that a server sends for what we store (ZooKeeper's default bound is 1 MB, Kudu's 50 MB). */
const LONGEST_FRAME_BYTES = 64 * 1024 * 1024;

export class FrameSplitter {
  private pending: Buffer = Buffer.alloc(0);

  /** Adds bytes and returns the frames that are now whole, without their lengths. */
  push(bytes: Buffer): Buffer[] {
    const all = this.pending.length === 0 ? bytes : Buffer.concat([this.pending, bytes]);
    const frames: Buffer[] = [];
    let start = 0;
    while (all.length - start >= 4) {
      const length = all.readInt32BE(start);
      if (length < 0 || length > LONGEST_FRAME_BYTES) {
        throw new RangeError(`frame of ${length} bytes, expected 0 to ${LONGEST_FRAME_BYTES}`);
      }
      if (all.length - start - 4 < length) break;
      frames.push(all.subarray(start + 4, start + 4 + length));
      start += 4 + length;
    }
    this.pending = all.subarray(start);
    return frames;
  }
}
