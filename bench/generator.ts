/**
 * Generator steps a second, on one thread and without an interpreter. A step is an emission with its bookkeeping:
 * `next`, `dispatched`, `completed`; the waits in between (`pending`) are not counted but cost their time.
 *
 *     npm run bench:generator [-- seconds]
 *
 * Exits with 1 when a case is below the bar of 1,000,000 steps a second of processor time; wall time is printed beside
 * it, and is the lower the more else the machine does.
 */
import { Board } from '../harness/context.ts';
import type { Generator, LeafContext } from '../harness/generator.ts';
import { mix } from '../harness/generators/mix.ts';
import { stagger } from '../harness/generators/pace.ts';
import { reserve } from '../harness/generators/reserve.ts';
import { nemesis } from '../harness/generators/routing.ts';
import { faultSteps } from '../harness/generators/fault-steps.ts';
import type { FaultStep } from '../harness/nemesis.ts';
import { SECOND, type Invocation } from '../harness/operation.ts';
import { seededRandom } from '../harness/random.ts';

const BAR = 1_000_000;
const ROUND = 100_000;

const read = (): Invocation => ({ f: 'read', value: null });
const write = (context: LeafContext): Invocation => ({ f: 'write', value: context.below(5) });
const compareAndSet = (context: LeafContext): Invocation => ({
  f: 'cas',
  value: [context.below(5, 0), context.below(5, 1)],
});

/** As Jepsen's own performance test: ranges with mixes, and faults beside them, here paced as well. */
function structured(concurrency: number): Generator {
  const third = Math.max(1, Math.floor(concurrency / 4));
  const load = reserve(
    [
      [third, write],
      [third, compareAndSet],
      [third, mix([read, write, compareAndSet])],
    ],
    mix([read, write]),
  );
  return nemesis(stagger(SECOND, faultSteps(schedule(1_000_000))), stagger(1_000, load));
}

function schedule(count: number): readonly FaultStep[] {
  const step: FaultStep = {
    id: 'kill',
    lane: 'kill',
    kind: 'kill',
    selector: 'one',
    trigger: { after: SECOND },
    heal: { after: SECOND },
    draw: 0,
  };
  return new Array<FaultStep>(count).fill(step);
}

/** Threads given out are taken back oldest first, when there is nothing else to do. */
class Drive {
  readonly #board: Board;
  readonly #busy: Int32Array;
  #generator: Generator;
  #head = 0;
  #tail = 0;

  constructor(concurrency: number, generator: Generator) {
    this.#board = new Board({ concurrency, random: seededRandom(1n) });
    this.#busy = new Int32Array(concurrency + 1);
    this.#generator = generator;
  }

  /** @returns how many pending answers there were. */
  run(steps: number): number {
    let waits = 0;
    for (let emitted = 0; emitted < steps;) {
      const step = this.#generator.next(this.#board.context);
      if (step.kind === 'done') throw new Error('the generator ended');
      this.#generator = step.next;
      if (step.kind === 'emit') {
        this.#board.dispatched(step.thread);
        this.#busy[this.#tail] = step.thread;
        this.#tail = this.#tail + 1 === this.#busy.length ? 0 : this.#tail + 1;
        emitted++;
      } else if (step.kind === 'pending') {
        waits++;
        this.#wait(step.until);
      }
    }
    return waits;
  }

  #wait(until: number | undefined): void {
    if (until !== undefined && until > this.#board.time) this.#board.time = until;
    if (this.#head === this.#tail) return;
    const thread = this.#busy[this.#head] ?? -1;
    this.#head = this.#head + 1 === this.#busy.length ? 0 : this.#head + 1;
    this.#board.completed(thread, false);
  }
}

function measure(name: string, concurrency: number, generator: Generator, seconds: number): number {
  const drive = new Drive(concurrency, generator);
  drive.run(5 * ROUND);
  const began = performance.now();
  const usage = process.cpuUsage();
  let rounds = 0;
  let waits = 0;
  for (; performance.now() < began + seconds * 1000; rounds++) waits += drive.run(ROUND);
  const steps = rounds * ROUND;
  const { user, system } = process.cpuUsage(usage);
  const rate = (steps / (user + system)) * 1e6;
  const wall = (steps / (performance.now() - began)) * 1e3;
  console.log(
    `${name}, concurrency ${concurrency}: ${format(rate)} steps/s of processor time, ` +
      `${format(wall)} of wall time (${(waits / steps).toFixed(2)} waits a step)`,
  );
  return rate;
}

function format(rate: number): string {
  return Math.round(rate).toLocaleString('en');
}

const seconds = Number(process.argv[2] ?? 2);
const rates = [
  measure('mix of 2 functions', 10, mix([read, write]), seconds),
  ...[10, 100, 1000].map((concurrency) =>
    measure('reserve + mix + stagger + nemesis', concurrency, structured(concurrency), seconds),
  ),
];
if (rates.some((rate) => rate < BAR)) {
  console.log(`below the bar of ${format(BAR)} steps/s`);
  process.exitCode = 1;
}
