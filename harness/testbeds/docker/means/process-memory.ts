/** The memory of another process, through /proc/PID/mem (proc_pid_mem(5)): needs root on the process's host. */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';

export class ProcessMemory implements Disposable {
  readonly #file: number;

  /** @throws when the process is gone, or not ours to look at */
  constructor(pid: number, mode: 'read' | 'write' = 'read') {
    this.#file = openSync(`/proc/${pid}/mem`, mode === 'read' ? 'r' : 'r+');
  }

  /** @throws when not all of it is mapped */
  read(address: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    const count = readSync(this.#file, bytes, 0, length, address);
    if (count !== length) throw new Error(`read ${count} of ${length} bytes at ${address}`);
    return bytes;
  }

  /** Also where the process itself may not write: the page becomes its own. @throws when not all was written */
  write(address: number, bytes: Buffer): void {
    const count = writeSync(this.#file, bytes, 0, bytes.length, address);
    if (count !== bytes.length) {
      throw new Error(`wrote ${count} of ${bytes.length} bytes at ${address}`);
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
