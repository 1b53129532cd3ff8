/** A value for each thread, persistently. */

const CHUNK = 32;

/** An immutable array with a cheap `with`: it copies one chunk of 32 and the list of chunks. */
export class ThreadSlots<T> {
  readonly #chunks: readonly (readonly T[])[];

  private constructor(chunks: readonly (readonly T[])[]) {
    this.#chunks = chunks;
  }

  static filled<T>(length: number, value: T): ThreadSlots<T> {
    const chunk: readonly T[] = new Array<T>(CHUNK).fill(value);
    return new ThreadSlots(new Array<readonly T[]>(Math.ceil(length / CHUNK)).fill(chunk));
  }

  at(thread: number): T | undefined {
    return this.#chunks[thread >>> 5]?.[thread & 31];
  }

  with(thread: number, value: T): ThreadSlots<T> {
    const chunk = (this.#chunks[thread >>> 5] ?? []).slice();
    chunk[thread & 31] = value;
    const chunks = this.#chunks.slice();
    chunks[thread >>> 5] = chunk;
    return new ThreadSlots(chunks);
  }
}
