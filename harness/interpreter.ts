/**
 * The interpreter: the only concurrent loop. It asks the generator, gives operations to workers and faults to lanes,
 * and tells the generator what happened.
 *
 * Order (docs/architecture.md): an invocation is stamped and written before it leaves; a completion is stamped in the
 * reaction to the client's promise; completions come before invocations. The last follows from how turns are taken:
 * a turn dispatches at most one operation and is itself a microtask, so that the reaction to every promise that was
 * settled when the turn was asked for has run before it. After a millisecond of turns I/O is polled.
 */
import type { Client } from './client.ts';
import type { Clock, Timer } from './clock.ts';
import { Board } from './context.ts';
import { afterPoll, DeadlineQueue } from './deadline-queue.ts';
import { bug } from './connection.ts';
import type { Emit, Generator, Step } from './generator.ts';
import type { Recorder } from './history.ts';
import { StoreFullError } from './journal.ts';
import type { FaultStep } from './nemesis.ts';
import type {
  Invocation,
  Nanoseconds,
  NodeName,
  OperationError,
  Process,
  Value,
} from './operation.ts';
import { MICROSECOND, MILLISECOND, SECOND } from './operation.ts';
import type { Draws, Random } from './random.ts';
import { type CompletionType, type ReopenBackoff, Worker, type WorkerHost } from './worker.ts';

export interface InterpretOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly generator: Generator;
  readonly concurrency: number;
  /** Thread t talks to node t modulo their number. */
  readonly nodes: readonly NodeName[];
  /** Makes a client, not yet open: one for each process. */
  readonly client: () => Client;
  /** `f`s that are pure reads: indefinite errors become `fail`, and the process goes on. */
  readonly reads: ReadonlySet<string>;
  /** Every operation's deadline, and every opening's. */
  readonly deadlineNanos: Nanoseconds;
  readonly recorder: Recorder;
  /** A multiple of `concurrency`. Default: 0. */
  readonly firstProcess?: Process;
  /** Where fault steps go; null where there may be none. */
  readonly faults: { enqueue(step: FaultStep): void } | null;
  /** When aborted nothing new is invoked; what is outstanding is waited for, one deadline long. */
  readonly stop: AbortSignal;
  /** Default: 100 ms, doubling to 2 s; jitter takes up to half off. */
  readonly reopenBackoff?: ReopenBackoff;
}

export interface InterpretResult {
  /** The first process of a following phase; a multiple of the concurrency. */
  readonly nextProcess: Process;
  readonly invoked: number;
  readonly ok: number;
  readonly failed: number;
  readonly info: number;
  /** A bug in a client or the generator, or a full disk. Everything up to it was recorded. */
  readonly failure: Error | null;
}

/** I/O is polled after this much time of turns at the latest. */
const SLICE = MILLISECOND;
/** Times nearer than this are waited for by polling: timers have a resolution of a millisecond. */
const POLL_BELOW = 300 * MICROSECOND;
const REOPEN_BACKOFF: ReopenBackoff = { firstNanos: 100 * MILLISECOND, mostNanos: 2 * SECOND };
const RESOLVED = Promise.resolve();

/** Runs the generator to its end, or until stopped. Never rejects: what goes wrong is in the result. */
export function interpret(options: InterpretOptions): Promise<InterpretResult> {
  return new Interpreter(options).run();
}

class Interpreter implements WorkerHost {
  readonly clock: Clock;
  readonly backoff: ReopenBackoff;
  readonly client: () => Client;
  readonly #options: InterpretOptions;
  readonly #recorder: Recorder;
  readonly #board: Board;
  readonly #workers: readonly Worker[];
  readonly #deadlines: DeadlineQueue<Worker>;
  readonly #closings = new Set<Promise<void>>();
  readonly #counts = { invoke: 0, ok: 0, fail: 0, info: 0 };
  #generator: Generator;
  /** Workers that were given something and have not completed it. */
  #busy = 0;
  #exhausted = false;
  #stopping = false;
  #finished = false;
  #failure: Error | null = null;
  #turnRequested = false;
  #pollRequested = false;
  #polledAt: Nanoseconds = 0;
  #wakeAt: Nanoseconds = 0;
  #wakeTimer: Timer | null = null;
  #drainTimer: Timer | null = null;
  #resolve: ((result: InterpretResult) => void) | null = null;

  constructor(options: InterpretOptions) {
    const { concurrency, random, firstProcess = 0, nodes } = options;
    if (nodes.length === 0) throw new RangeError('interpret: expected at least one node');
    this.#options = options;
    this.clock = options.clock;
    this.client = options.client;
    this.backoff = options.reopenBackoff ?? REOPEN_BACKOFF;
    this.#recorder = options.recorder;
    this.#generator = options.generator;
    this.#board = new Board({ concurrency, random, firstProcess });
    this.#workers = Array.from(
      { length: concurrency },
      (_, thread) => new Worker(thread, nodes[thread % nodes.length] as NodeName, this),
    );
    this.#deadlines = new DeadlineQueue<Worker>(options.clock, options.deadlineNanos, (worker) =>
      worker.expire(),
    );
  }

  run(): Promise<InterpretResult> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      const { stop } = this.#options;
      this.#polledAt = this.clock.now();
      if (stop.aborted) this.#stop();
      else stop.addEventListener('abort', this.#stop, { once: true });
      this.#requestTurn();
    });
  }

  // Turns

  #requestTurn(): void {
    if (this.#turnRequested) return;
    this.#turnRequested = true;
    void RESOLVED.then(this.#turn); // Never rejects: #turn handles what it calls.
  }

  readonly #turn = (): void => {
    this.#turnRequested = false;
    if (this.#finished) return;
    if (!this.#stopping && !this.#exhausted) {
      const now = this.clock.now();
      if (now - this.#polledAt > SLICE) return this.#requestPoll();
      this.#ask(now);
    }
    if ((this.#stopping || this.#exhausted) && this.#busy === 0) this.#finish();
  };

  /** Lets I/O be polled, then takes a turn. */
  #requestPoll(): void {
    if (this.#pollRequested) return;
    this.#pollRequested = true;
    this.clock.soon(this.#afterPoll);
  }

  readonly #afterPoll = (): void => {
    this.#pollRequested = false;
    this.#polledAt = this.clock.now();
    this.#requestTurn();
  };

  #ask(now: Nanoseconds): void {
    const board = this.#board;
    board.time = now;
    let step: Step;
    try {
      step = this.#generator.next(board.context);
    } catch (error) {
      return this.failed(bug('the generator', 'next', error));
    }
    switch (step.kind) {
      case 'emit':
        this.#generator = step.next;
        this.#dispatch(step);
        return this.#requestTurn();
      case 'fault':
        this.#generator = step.next;
        this.#enqueue(step.step);
        return this.#requestTurn();
      case 'pending':
        this.#generator = step.next;
        return this.#wait(now, step.until);
      case 'done':
        this.#exhausted = true;
    }
  }

  #dispatch({ thread, invocation }: Emit): void {
    const worker = this.#workers[thread];
    try {
      if (worker === undefined) throw new RangeError(`no thread ${thread}`);
      this.#board.dispatched(thread);
    } catch (error) {
      return this.failed(bug('the generator', 'emission', error));
    }
    this.#busy++;
    worker.give(invocation);
  }

  #enqueue(step: FaultStep): void {
    const { faults } = this.#options;
    try {
      if (faults === null) throw new Error(`step ${step.id}: this phase has no fault lanes`);
      faults.enqueue(step);
    } catch (error) {
      this.failed(bug('the fault lanes', 'enqueue', error));
    }
  }

  /** Until the next completion, or `until` if that is earlier. */
  #wait(now: Nanoseconds, until: Nanoseconds | undefined): void {
    if (until === undefined) return;
    if (!this.clock.simulated && until - now < POLL_BELOW) return this.#requestPoll();
    if (this.#wakeTimer !== null) {
      if (this.#wakeAt <= until) return;
      this.#wakeTimer.cancel();
    }
    this.#wakeAt = Math.max(until, now + 1);
    this.#wakeTimer = this.clock.at(this.#wakeAt, this.#wake);
  }

  readonly #wake = (): void => {
    this.#wakeTimer = null;
    this.#polledAt = this.clock.now();
    this.#requestTurn();
  };

  // What workers call

  draws(thread: number): Draws {
    return this.#options.random.sequence('reopen', thread);
  }

  isRead(f: string): boolean {
    return this.#options.reads.has(f);
  }

  invoked(worker: Worker): boolean {
    const { invocation, thread } = worker;
    if (invocation === null) return false;
    const process = this.#board.process(thread);
    const { f, value } = invocation;
    try {
      this.#recorder.record('invoke', process, f, value, worker.node);
      this.#counts.invoke++;
      this.#deadlines.add(worker, this.#recorder.time);
      this.#tell();
      return true;
    } catch (error) {
      this.#deadlines.remove(worker);
      this.#couldNotRecord(error);
      return false;
    }
  }

  completed(worker: Worker, type: CompletionType, value: Value, error?: OperationError): void {
    const { invocation, thread, node } = worker;
    if (invocation === null) return;
    const recorder = this.#recorder;
    const process = this.#board.process(thread);
    const session = worker.session();
    const before = recorder.count;
    let recorded = type;
    try {
      recorder.record(type, process, invocation.f, value, node, session, error);
      this.#conclude(thread, type);
    } catch (failure) {
      this.#couldNotRecord(failure);
      if (recorder.count === before) recorded = this.#recordInfo(worker, invocation, process);
    }
    this.#counts[recorded]++;
    this.#busy--;
    this.#requestTurn();
  }
  /** The operation ended: its thread is free, and the generator is told. */
  #conclude(thread: number, type: CompletionType): void {
    this.#board.completed(thread, type === 'info');
    this.#tell();
  }

  /** Tells the generator of the operation recorded last. */
  #tell(): void {
    this.#board.time = this.#recorder.time;
    if (!this.#generator.listens) return;
    this.#generator = this.#generator.update(this.#board.context, this.#recorder.latest());
  }

  /** The completion could not be written as it was (its value is not JSON): its outcome stays open. */
  #recordInfo(worker: Worker, { f, value }: Invocation, process: Process): 'info' {
    const error = {
      kind: 'indefinite',
      message: this.#failure?.message ?? 'not recorded',
    } as const;
    try {
      const { node, thread } = worker;
      this.#recorder.record('info', process, f, value, node, undefined, error);
      this.#conclude(thread, 'info');
    } catch (failure) {
      this.#couldNotRecord(failure); // A full disk: an invocation without a completion means the same.
    }
    return 'info';
  }

  #couldNotRecord(error: unknown): void {
    // A full disk speaks for itself; anything else was thrown by the generator's update, a trigger, or a value.
    const full = error instanceof StoreFullError;
    this.failed(full ? error : bug('the generator, a trigger or a value', 'recording', error));
  }

  released(): void {
    this.#busy--;
    this.#requestTurn();
  }

  opening(worker: Worker): void {
    this.#deadlines.add(worker, this.clock.now());
  }

  ended(worker: Worker): void {
    this.#deadlines.remove(worker);
  }

  failed(error: Error): void {
    this.#failure ??= error;
    this.#stop();
  }

  closing(work: Promise<void>): void {
    this.#closings.add(work);
    void work.then(() => this.#closings.delete(work)); // Never rejects: Connection.close handles it.
  }

  // The end

  /** No new invocations; one deadline for what is outstanding. */
  readonly #stop = (): void => {
    if (this.#stopping || this.#finished) return;
    this.#stopping = true;
    for (const worker of this.#workers) worker.withdraw();
    const limit = this.clock.now() + this.#options.deadlineNanos;
    this.#drainTimer = this.clock.at(limit, () => afterPoll(this.clock, this.#interrupt));
    this.#requestTurn();
  };

  readonly #interrupt = (): void => {
    if (this.#finished) return;
    for (const worker of this.#workers) worker.interrupt();
  };

  #finish(): void {
    this.#finished = true;
    this.#wakeTimer?.cancel();
    this.#drainTimer?.cancel();
    this.#deadlines.dispose();
    this.#options.stop.removeEventListener('abort', this.#stop);
    for (const worker of this.#workers) worker.close();
    void this.#closed().then(() => this.#resolve?.(this.#result())); // Never rejects.
  }

  /** Waits until all clients are closed, one deadline at most: what hangs there does not hold up the run. */
  async #closed(): Promise<void> {
    if (this.#closings.size === 0) return;
    const limit = this.clock.now() + this.#options.deadlineNanos;
    let timer: Timer | null = null;
    const late = new Promise<void>((resolve) => (timer = this.clock.at(limit, resolve)));
    await Promise.race([Promise.all(this.#closings), late]);
    (timer as Timer | null)?.cancel();
  }

  #result(): InterpretResult {
    const { invoke, ok, fail, info } = this.#counts;
    return {
      nextProcess: this.#board.nextProcess(),
      invoked: invoke,
      ok,
      failed: fail,
      info,
      failure: this.#failure,
    };
  }
}
