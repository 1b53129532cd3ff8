/**
 * The board: which threads are free, which process each one plays, how many operations it was given. Its owner (the
 * interpreter, or `simulate`) moves it; generators look at it through contexts.
 *
 * Free threads are a bitset. A restriction is compiled once into a bitset too, so that restricting is an AND.
 */
import type { Context, LeafContext, ThreadMask } from './generator.ts';
import type { Nanoseconds, Process } from './operation.ts';
import { streamOf, substream, type Random } from './random.ts';

export interface BoardOptions {
  /** Number of client threads, at least 1. */
  readonly concurrency: number;
  readonly random: Random;
  /** The process of thread 0; a multiple of `concurrency`, so that `process % concurrency` is the thread. Default: 0. */
  readonly firstProcess?: Process;
}

const LEAF = streamOf('leaf');

/** The state of all threads. `time` is set by the owner before it asks a generator. */
export class Board {
  readonly concurrency: number;
  readonly random: Random;
  /** What an unrestricted generator sees. */
  readonly context: Context;
  time: Nanoseconds;
  /** Internal: where in the tree of generators the asking is now; keys the draws. */
  scope = 0;
  /** Internal: changes with every dispatch and completion. */
  revision = 0;
  /** Internal: bit `t % 32` of word `t / 32` is set while thread t is free. */
  readonly free: Int32Array;
  readonly #processes: Float64Array;
  readonly #ordinals: Int32Array;
  #freeCount: number;

  /** @throws RangeError when the concurrency is not a positive integer or `firstProcess` no multiple of it. */
  constructor(options: BoardOptions) {
    const { concurrency, random, firstProcess = 0 } = options;
    if (!Number.isInteger(concurrency) || concurrency < 1) {
      throw new RangeError(`concurrency is ${concurrency}, expected an integer of at least 1`);
    }
    if (!Number.isInteger(firstProcess) || firstProcess < 0 || firstProcess % concurrency !== 0) {
      throw new RangeError(
        `firstProcess is ${firstProcess}, expected a multiple of ${concurrency}`,
      );
    }
    this.concurrency = concurrency;
    this.random = random;
    // First a fraction, so that the engine keeps a double here from the beginning and not only when time has grown.
    this.time = 0.5;
    this.time = 0;
    this.#freeCount = concurrency;
    this.#processes = Float64Array.from(
      { length: concurrency },
      (_, thread) => firstProcess + thread,
    );
    this.#ordinals = new Int32Array(concurrency);
    const threads = Array.from({ length: concurrency }, (_, thread) => thread);
    this.free = bitsOf(threads, concurrency);
    this.context = new BoardContext(this, threads);
  }

  /** An operation was given to the thread: it is busy, and its ordinal one higher. */
  dispatched(thread: number): void {
    if (!this.isFree(thread)) throw new RangeError(`thread ${thread} is not free to be dispatched`);
    const word = thread >>> 5;
    this.free[word] = (this.free[word] ?? 0) & ~(1 << (thread & 31));
    this.#ordinals[thread] = (this.#ordinals[thread] ?? 0) + 1;
    this.#freeCount--;
    this.revision++;
  }

  /** The thread's operation ended. When its process was retired, it goes on as `process + concurrency`. */
  completed(thread: number, retired: boolean): void {
    if (!(thread >= 0 && thread < this.concurrency) || this.isFree(thread)) {
      throw new RangeError(`thread ${thread} completed an operation that it was not given`);
    }
    const word = thread >>> 5;
    this.free[word] = (this.free[word] ?? 0) | (1 << (thread & 31));
    if (retired) this.#processes[thread] = (this.#processes[thread] ?? 0) + this.concurrency;
    this.#freeCount++;
    this.revision++;
  }

  process(thread: number): Process {
    return this.#processes[thread] ?? -1;
  }

  /** How many operations the thread was given so far. */
  ordinal(thread: number): number {
    return this.#ordinals[thread] ?? -1;
  }

  isFree(thread: number): boolean {
    return (((this.free[thread >>> 5] ?? 0) >>> (thread & 31)) & 1) === 1;
  }

  freeCount(): number {
    return this.#freeCount;
  }

  /** The first process that a following phase of the same concurrency may use: a multiple of the concurrency. */
  nextProcess(): Process {
    const highest = this.#processes.reduce((high, process) => Math.max(high, process), 0);
    return (Math.floor(highest / this.concurrency) + 1) * this.concurrency;
  }
}

/** The board, or some of its threads. */
class BoardContext implements Context {
  readonly concurrency: number;
  readonly threads: readonly number[];
  readonly #board: Board;
  readonly #mask: Int32Array;
  /** The words of the mask that have a bit. */
  readonly #firstWord: number;
  readonly #lastWord: number;
  readonly #restricted = new WeakMap<ThreadMask, BoardContext>();
  /** Where the round-robin stands, and the answers at `#revision`. */
  #turn = 0;
  #revision = -1;
  #picked = -1;
  #pickedOrdinal = -1;
  #countRevision = -1;
  #count = 0;

  constructor(board: Board, threads: readonly number[]) {
    this.#board = board;
    this.concurrency = board.concurrency;
    this.threads = threads;
    this.#mask = bitsOf(threads, board.concurrency);
    this.#firstWord = (threads[0] ?? 0) >>> 5;
    this.#lastWord = (threads.at(-1) ?? 0) >>> 5;
  }

  get time(): Nanoseconds {
    return this.#board.time;
  }

  freeCount(): number {
    const board = this.#board;
    if (this.threads.length === board.concurrency) return board.freeCount();
    if (this.#countRevision !== board.revision) {
      let count = 0;
      for (let word = this.#firstWord; word <= this.#lastWord; word++)
        count += bitCount(this.#freeWord(word));
      this.#count = count;
      this.#countRevision = board.revision;
    }
    return this.#count;
  }

  pick(): number {
    const board = this.#board;
    if (this.#revision === board.revision) return this.#picked;
    // The turn moves on when the thread picked last was really used; an answer thrown away moves nothing.
    if (this.#picked >= 0 && board.ordinal(this.#picked) !== this.#pickedOrdinal) {
      this.#turn = this.#picked + 1;
    }
    const picked = this.#firstFreeFrom(this.#turn);
    this.#picked = picked;
    this.#pickedOrdinal = picked < 0 ? -1 : board.ordinal(picked);
    this.#revision = board.revision;
    return picked;
  }

  pickAfter(thread: number): number {
    return this.#firstFreeFrom(thread + 1);
  }

  isFree(thread: number): boolean {
    return ((this.#freeWord(thread >>> 5) >>> (thread & 31)) & 1) === 1;
  }

  process(thread: number): Process {
    return this.#board.process(thread);
  }

  ordinal(thread: number): number {
    return this.#board.ordinal(thread);
  }

  draw(stream: number, slot: number, ordinal: number): number {
    const board = this.#board;
    return board.random.draw(substream(board.scope, stream), slot, ordinal);
  }

  within<T>(child: number, ask: (context: Context) => T): T {
    const outer = this.enter(child);
    try {
      return ask(this);
    } finally {
      this.leave(outer);
    }
  }

  enter(child: number): number {
    const outer = this.#board.scope;
    this.#board.scope = substream(outer, child);
    return outer;
  }

  leave(outer: number): void {
    this.#board.scope = outer;
  }

  leaf(thread: number): LeafContext {
    return new ThreadLeaf(this.#board, thread);
  }

  restrict(mask: ThreadMask): Context {
    const known = this.#restricted.get(mask);
    if (known !== undefined) return known;
    const restricted = new BoardContext(
      this.#board,
      this.threads.filter((thread) => mask.has(thread)),
    );
    this.#restricted.set(mask, restricted);
    return restricted;
  }

  #freeWord(word: number): number {
    return (this.#board.free[word] ?? 0) & (this.#mask[word] ?? 0);
  }

  /** The lowest free thread at or after `start`, else the lowest of all, or -1. */
  #firstFreeFrom(start: number): number {
    let word = start >>> 5;
    if (word >= this.#firstWord && word <= this.#lastWord) {
      const rest = this.#freeWord(word) & (-1 << (start & 31));
      if (rest !== 0) return (word << 5) + lowestBit(rest);
      word++;
    }
    for (let at = Math.max(word, this.#firstWord); at <= this.#lastWord; at++) {
      const bits = this.#freeWord(at);
      if (bits !== 0) return (at << 5) + lowestBit(bits);
    }
    for (let at = this.#firstWord; at <= this.#lastWord && at <= word; at++) {
      const bits = this.#freeWord(at);
      if (bits !== 0) return (at << 5) + lowestBit(bits);
    }
    return -1;
  }
}

/** One thread's view, as it was when a function generator was called. */
class ThreadLeaf implements LeafContext {
  readonly time: Nanoseconds;
  readonly concurrency: number;
  readonly thread: number;
  readonly process: Process;
  readonly ordinal: number;
  readonly #random: Random;
  readonly #scope: number;

  constructor(board: Board, thread: number) {
    this.time = board.time;
    this.concurrency = board.concurrency;
    this.thread = thread;
    this.process = board.process(thread);
    this.ordinal = board.ordinal(thread);
    this.#random = board.random;
    this.#scope = board.scope;
  }

  random(choice = 0): number {
    const stream = substream(substream(this.#scope, LEAF), choice);
    return this.#random.draw(stream, this.thread, this.ordinal);
  }

  below(bound: number, choice = 0): number {
    return Math.floor(this.random(choice) * bound);
  }
}

function bitsOf(threads: readonly number[], concurrency: number): Int32Array {
  const bits = new Int32Array((concurrency + 31) >>> 5);
  for (const thread of threads)
    bits[thread >>> 5] = (bits[thread >>> 5] ?? 0) | (1 << (thread & 31));
  return bits;
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
