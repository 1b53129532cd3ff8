/**
 * The interpreter's speed: operations (invocation and completion) a second with workers, deadlines, an idle fault
 * lane, a generator of reserve, mix, stagger and nemesis, and the history written to disk. The file is parsed
 * afterwards and every line counted.
 *
 * Two clients are measured: one that answers at once, as Jepsen's benchmark has it, and one that answers at the next
 * poll of I/O, so that as many operations are outstanding as there are threads.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '../harness/client.ts';
import { realClock } from '../harness/clock.ts';
import type { Generator } from '../harness/generator.ts';
import { faultSteps } from '../harness/generators/fault-steps.ts';
import { limit } from '../harness/generators/limit.ts';
import { mix } from '../harness/generators/mix.ts';
import { stagger } from '../harness/generators/pace.ts';
import { reserve } from '../harness/generators/reserve.ts';
import { clients } from '../harness/generators/routing.ts';
import { Recorder } from '../harness/history.ts';
import { interpret } from '../harness/interpreter.ts';
import type { FaultStep } from '../harness/nemesis.ts';
import type { Invocation, Value } from '../harness/operation.ts';
import { SECOND } from '../harness/operation.ts';
import { seededRandom } from '../harness/random.ts';
import { openStore, readRun } from '../harness/store.ts';

/** What is measured. */
export interface InterpreterBench {
  readonly concurrency: number;
  readonly operations: number;
  readonly client: () => Client;
  /** Parse the history afterwards and count its lines. */
  readonly verify: boolean;
}

export interface InterpreterFigures {
  readonly operationsPerSecond: number;
  readonly seconds: number;
  readonly peakRssMegabytes: number;
}

/** Answers at once. */
class PromptClient implements Client {
  async open(): Promise<void> {
    // Nothing to connect to.
  }
  async invoke(operation: Invocation): Promise<Value> {
    return operation.value;
  }
  async close(): Promise<void> {
    // Nothing to close.
  }
}

/** Answers when I/O was polled, all that wait in one go, as answers that came in one poll do. */
class PolledClient implements Client {
  static #waiting: (() => void)[] = [];
  async open(): Promise<void> {
    // Nothing to connect to.
  }
  invoke(operation: Invocation): Promise<Value> {
    return new Promise((resolve) => {
      if (PolledClient.#waiting.length === 0) setImmediate(PolledClient.#answer);
      PolledClient.#waiting.push(() => resolve(operation.value));
    });
  }
  async close(): Promise<void> {
    // Nothing to close.
  }
  static readonly #answer = (): void => {
    const waiting = PolledClient.#waiting;
    PolledClient.#waiting = [];
    for (const answer of waiting) answer();
  };
}

const IDLE_STEP: FaultStep = {
  id: 'kill-1',
  lane: 'kill',
  kind: 'kill',
  selector: 'one',
  trigger: { end: true },
  heal: { end: true },
  draw: 0,
};

/** A workload like Jepsen's own performance test: reserved ranges, a mix, a pace that does not bind, a nemesis. */
function workload(operations: number, concurrency: number): Generator {
  const read = (): Invocation => ({ f: 'read', value: null });
  const write = ({ ordinal }: { ordinal: number }): Invocation => ({ f: 'write', value: ordinal });
  const swap = ({ ordinal, thread }: { ordinal: number; thread: number }): Invocation => ({
    f: 'cas',
    value: [ordinal, thread],
  });
  const share = Math.max(1, Math.floor(concurrency / 5));
  const some = reserve(
    [
      [share, write],
      [share, swap],
    ],
    mix([read, write, swap]),
  );
  return clients(limit(operations, stagger(1, some)), faultSteps([IDLE_STEP]));
}

/** One run, measured. @throws Error when something was lost */
export async function measure(bench: InterpreterBench): Promise<InterpreterFigures> {
  const runsDirectory = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  const clock = realClock();
  const store = openStore({
    runsDirectory,
    test: 'bench',
    wallMillis: clock.wallMillis(),
    seed: 1n,
  });
  store.writeJson('spec.json', {});
  const recorder = new Recorder({ journal: store.journal('history.jsonl'), clock });
  const lane: FaultStep[] = [];
  const timer = setInterval(() => store.flush(clock.now()), 100);
  let peak = 0;
  const sampler = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  try {
    const began = clock.now();
    const result = await interpret({
      clock,
      random: seededRandom(1n),
      generator: workload(bench.operations, bench.concurrency),
      concurrency: bench.concurrency,
      nodes: ['n1', 'n2', 'n3', 'n4', 'n5'],
      client: bench.client,
      reads: new Set(['read']),
      deadlineNanos: 5 * SECOND,
      recorder,
      faults: { enqueue: (step) => void lane.push(step) },
      stop: new AbortController().signal,
    });
    store.close();
    const seconds = (clock.now() - began) / SECOND;
    if (result.failure !== null) throw result.failure;
    if (result.ok !== bench.operations) throw new Error(`ok: ${result.ok}`);
    if (bench.verify) count(store.directory ?? '', bench.operations);
    return {
      operationsPerSecond: bench.operations / seconds,
      seconds,
      peakRssMegabytes: Math.max(peak, process.memoryUsage.rss()) / 1e6,
    };
  } finally {
    clearInterval(timer);
    clearInterval(sampler);
    rmSync(runsDirectory, { recursive: true });
  }
}

function count(directory: string, operations: number): void {
  const { history, cutOff } = readRun(directory);
  const ok = history.filter(({ type }) => type === 'ok').length;
  if (cutOff || history.length !== 2 * operations || ok !== operations) {
    throw new Error(`history has ${history.length} lines, ${ok} ok; expected ${2 * operations}`);
  }
}

const REPEATS = Number(process.argv[2] ?? 5);
const OPERATIONS = Number(process.argv[3] ?? 300_000);
for (const [name, client] of [
  ['prompt', (): Client => new PromptClient()],
  ['polled', (): Client => new PolledClient()],
] as const) {
  for (const concurrency of [10, 100, 1000]) {
    const rates: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const figures = await measure({
        concurrency,
        operations: OPERATIONS,
        client,
        verify: repeat === 0,
      });
      rates.push(Math.round(figures.operationsPerSecond / 1000));
    }
    rates.sort((a, b) => a - b);
    console.log(name, concurrency, 'median', rates[rates.length >> 1], 'k/s', rates.join(' '));
  }
}
