/** The run directory: journals written as things happen, and what is read back of them. (Contract; see history.ts.) */

/** An append-only file of lines. */
export interface Journal {
  /** Buffers one line (without its newline). Throws StoreFullError when the disk is full. */
  append(line: string): void;
  /** Hands what is buffered to the operating system. */
  flush(): void;
  /** Flushes and waits until it is on disk (fsync). */
  sync(): Promise<void>;
  close(): void;
}
