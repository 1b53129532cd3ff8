/**
 * Generators: pure values that say what to do next. `next` returns an emission and the generator that follows; the
 * interpreter (or `simulate`, in virtual time) keeps the latest value. A `next` may be asked and its answer thrown
 * away, so it must not have effects.
 *
 * The combinators are counterparts of Jepsen's (jepsen.generator), one family a file in `generators/`.
 */
import type { FaultStep } from './nemesis.ts';
import type { Invocation, Nanoseconds, Operation, Process } from './operation.ts';

export interface Generator {
  /** What to do now, in this context. */
  next(context: Context): Step;
  /** The generator after an invocation was dispatched or a completion recorded. Called only when `listens`. */
  update(context: Context, event: Operation): Generator;
  /** Whether `update` can change anything; a combinator listens when a child does. */
  readonly listens: boolean;
}

export type Step = Emit | EmitFault | Pending | Done;

/** Do this operation now on this thread, which must be free in the context. */
export interface Emit {
  readonly kind: 'emit';
  readonly thread: number;
  readonly invocation: Invocation;
  readonly next: Generator;
}
/** Hand this step to its fault lane now. */
export interface EmitFault {
  readonly kind: 'fault';
  readonly step: FaultStep;
  readonly next: Generator;
}
/** Nothing to do now; ask again at the next event, or at `until` if that is earlier. */
export interface Pending {
  readonly kind: 'pending';
  readonly until?: Nanoseconds;
  readonly next: Generator;
}
/** Nothing more, ever. */
export interface Done {
  readonly kind: 'done';
}

export const DONE: Done = { kind: 'done' };

/**
 * What a generator may look at. Valid during the call only: the interpreter reuses it. A restricted context (of
 * `reserve`, `onThreads`, …) shows some of the threads.
 */
export interface Context {
  readonly time: Nanoseconds;
  /** Number of client threads of the whole run. */
  readonly concurrency: number;
  /** The threads this context shows, ascending. */
  readonly threads: readonly number[];
  /** How many of them are free. */
  freeCount(): number;
  /** The next free thread in round-robin order, or -1. Same answer until something is dispatched or completes. */
  pick(): number;
  /** The next free thread after this one, wrapping round; `pick()` again when all were gone through, or -1. */
  pickAfter(thread: number): number;
  isFree(thread: number): boolean;
  process(thread: number): Process;
  /** How many operations this thread has been given: the `k` of "the k-th operation of each slot". */
  ordinal(thread: number): number;
  /**
   * A number in [0, 1) keyed by (run seed, scope, stream, slot, ordinal). Combinators with several children push a
   * scope for each, so that nested choices of one kind are independent.
   */
  draw(stream: number, slot: number, ordinal: number): number;
  /** Runs `ask` with a child scope. */
  within<T>(child: number, ask: (context: Context) => T): T;
  /** `within` without a closure, for hot paths: `const outer = enter(child); …; leave(outer)`. */
  enter(child: number): number;
  leave(outer: number): void;
  /** What a function generator is told when it is to run on this thread. Does not change afterwards. */
  leaf(thread: number): LeafContext;
  /** This context with only those of its threads. Compiled once a mask; cheap afterwards. */
  restrict(mask: ThreadMask): Context;
}

/** A set of threads, compiled for the run's concurrency at first use. */
export interface ThreadMask {
  readonly has: (thread: number) => boolean;
}

/**
 * Things that stand for generators: a generator; an invocation (emitted once); an array (one after another); a
 * function of the context, called for each emission until it returns null; an iterable is made an array lazily.
 */
export type GeneratorLike =
  | Generator
  | Invocation
  | readonly GeneratorLike[]
  | ((context: LeafContext) => GeneratorLike | null)
  | Iterable<Invocation>;

/** What a function generator is told: the thread it will run on, that thread's ordinal, and keyed draws for it. */
export interface LeafContext {
  readonly time: Nanoseconds;
  readonly concurrency: number;
  readonly thread: number;
  readonly process: Process;
  /** How many operations this thread has been given before this one. */
  readonly ordinal: number;
  /** The `choice`-th draw for this operation, in [0, 1); equal for the k-th operation of a thread under one seed. */
  random(choice?: number): number;
  /** An integer in [0, bound) from the `choice`-th draw. */
  below(bound: number, choice?: number): number;
}
