/** Generators in virtual time, with no threads, no clients and no sleeps: what would be asked of a system, and when. */
import { Board } from './context.ts';
import { EventHeap } from './event-heap.ts';
import type { Emit, Generator, GeneratorLike } from './generator.ts';
import { toGenerator } from './generators/to-generator.ts';
import type { FaultStep } from './nemesis.ts';
import { MILLISECOND, type Nanoseconds, type Operation, type Value } from './operation.ts';
import { seededRandom, type Draws } from './random.ts';

export interface SimulateOptions {
  readonly generator: GeneratorLike;
  readonly concurrency: number;
  readonly seed: bigint;
  /** How each invocation ends. Default: `ok` with its own value after 1 to 10 ms. */
  readonly latency?: Latency;
  /** Nothing is emitted from this time on; what is under way is awaited. Default: no limit. */
  readonly limitNanos?: Nanoseconds;
  /** Nothing is emitted after so many invocations. Default: no limit. */
  readonly maxOperations?: number;
  /** Process of thread 0. Default: 0. */
  readonly firstProcess?: number;
}

/** The end of an invocation. `random` is keyed by its thread and ordinal. */
export type Latency = (invocation: Operation, random: Draws) => SimulatedEnd;

export interface SimulatedEnd {
  readonly nanos: Nanoseconds;
  readonly type: 'ok' | 'fail' | 'info';
  /** Default: the invocation's. */
  readonly value?: Value;
}

export interface Simulation {
  readonly history: readonly Operation[];
  readonly faults: readonly EmittedFault[];
  /**
   * - `done`: the generator was exhausted.
   * - `limit`: time or operations were up.
   * - `stuck`: it waits for something that can no longer happen.
   */
  readonly ended: 'done' | 'limit' | 'stuck';
}

export interface EmittedFault {
  readonly time: Nanoseconds;
  readonly step: FaultStep;
}

/** Runs a generator in virtual time. Equal options give equal simulations. */
export function simulate(options: SimulateOptions): Simulation {
  return new Simulator(options).run();
}

const quickly: Latency = (_, random) => ({
  nanos: Math.round(random.between(1, 10) * MILLISECOND),
  type: 'ok',
});

class Simulator {
  readonly #options: SimulateOptions;
  readonly #board: Board;
  readonly #latency: Latency;
  readonly #completions = new EventHeap();
  readonly #history: Operation[] = [];
  readonly #faults: EmittedFault[] = [];
  #generator: Generator;
  #invocations = 0;

  constructor(options: SimulateOptions) {
    const { concurrency, firstProcess = 0 } = options;
    this.#options = options;
    this.#latency = options.latency ?? quickly;
    this.#board = new Board({ concurrency, random: seededRandom(options.seed), firstProcess });
    this.#generator = toGenerator(options.generator);
  }

  run(): Simulation {
    const ended = this.#emitAll();
    while (this.#complete(Infinity));
    return { history: this.#history, faults: this.#faults, ended };
  }

  /** Completions come before what is emitted at the same time, as in the interpreter. */
  #emitAll(): Simulation['ended'] {
    const { limitNanos = Infinity, maxOperations = Infinity } = this.#options;
    for (;;) {
      while (this.#complete(this.#board.time));
      if (this.#board.time >= limitNanos || this.#invocations >= maxOperations) return 'limit';
      const step = this.#generator.next(this.#board.context);
      if (step.kind === 'done') return 'done';
      this.#generator = step.next;
      if (step.kind === 'emit') this.#invoke(step);
      else if (step.kind === 'fault')
        this.#faults.push({ time: this.#board.time, step: step.step });
      else if (!this.#advance(step.until)) return 'stuck';
    }
  }

  /** Goes to the next completion, or to `until` if that is earlier. False when there is neither. */
  #advance(until: Nanoseconds | undefined): boolean {
    if (until !== undefined && until <= this.#board.time) {
      throw new Error(`pending until ${until} ns at ${this.#board.time} ns, expected a later time`);
    }
    if (this.#complete(until ?? Infinity)) return true;
    if (until === undefined) return false;
    this.#board.time = until;
    return true;
  }

  #invoke({ thread, invocation }: Emit): void {
    const board = this.#board;
    if (!board.isFree(thread)) {
      throw new Error(`the generator gave thread ${thread} an operation while it was busy`);
    }
    const invoked = this.#record(board.process(thread), 'invoke', invocation.f, invocation.value);
    const key = thread + board.ordinal(thread) * board.concurrency;
    const end = this.#latency(invoked, board.random.sequence('latency', key));
    board.dispatched(thread);
    this.#invocations++;
    this.#update(invoked);
    this.#completions.push(board.time + end.nanos, () => this.#end(thread, invoked, end), false);
  }

  #end(thread: number, invoked: Operation, end: SimulatedEnd): void {
    const { value = invoked.value } = end;
    const completion = this.#record(invoked.process, end.type, invoked.f, value);
    this.#board.completed(thread, end.type === 'info');
    this.#update(completion);
  }

  /** Records the next completion if it is due by then. */
  #complete(latest: Nanoseconds): boolean {
    const event = this.#completions.pop();
    if (event === undefined) return false;
    if (event.time > latest) {
      this.#completions.push(event.time, event.callback ?? noop, false);
      return false;
    }
    this.#board.time = event.time;
    event.callback?.();
    return true;
  }

  #update(operation: Operation): void {
    if (!this.#generator.listens) return;
    this.#generator = this.#generator.update(this.#board.context, operation);
  }

  #record(process: number, type: Operation['type'], f: string, value: Value): Operation {
    const index = this.#history.length;
    const node = `n${(process % this.#board.concurrency) + 1}`;
    const operation: Operation = { index, time: this.#board.time, process, type, f, value, node };
    this.#history.push(operation);
    return operation;
  }
}

function noop(): void {
  // An event always has its callback: none is cancelled here.
}
