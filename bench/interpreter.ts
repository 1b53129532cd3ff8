/**
 * The interpreter's speed: operations (invocation and completion) a second with workers, deadlines, an idle fault
 * lane, a generator of reserve, mix, stagger and nemesis, and the history written to disk. The file is parsed
 * afterwards and every line counted.
 *
 * Two clients are measured: one that answers at once, as Jepsen's benchmark has it, and one that answers at the next
 * poll of I/O, so that as many operations are outstanding as there are threads.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker as Thread } from 'node:worker_threads';
import type { Client } from '../harness/client.ts';
import { type Clock, realClock } from '../harness/clock.ts';
import type { Generator } from '../harness/generator.ts';
import { faultSteps } from '../harness/generators/fault-steps.ts';
import { limit } from '../harness/generators/limit.ts';
import { mix } from '../harness/generators/mix.ts';
import { stagger } from '../harness/generators/pace.ts';
import { reserve } from '../harness/generators/reserve.ts';
import { clients } from '../harness/generators/routing.ts';
import { pairs, partnerOf, Recorder } from '../harness/history.ts';
import { interpret } from '../harness/interpreter.ts';
import type { FaultStep } from '../harness/nemesis.ts';
import type { Invocation, Operation, Value } from '../harness/operation.ts';
import { SECOND } from '../harness/operation.ts';
import { seededRandom } from '../harness/random.ts';
import { openStore, readRun } from '../harness/store.ts';

/** What is measured. */
export interface InterpreterBench {
  readonly concurrency: number;
  readonly operations: number;
  readonly generator: Generator;
  readonly client: () => Client;
}

export interface InterpreterFigures {
  readonly seconds: number;
  /** Of the whole process: garbage collection and input/output threads too. */
  readonly cpuSeconds: number;
  readonly peakRssMegabytes: number;
  /** As read back from the file, every line counted. */
  readonly history: readonly Operation[];
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
  let peak = 0;
  const timer = setInterval(() => {
    store.flush(clock.now());
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 100);
  try {
    const cpuBefore = process.cpuUsage();
    const began = clock.now();
    const result = await interpret({
      clock,
      random: seededRandom(1n),
      generator: bench.generator,
      concurrency: bench.concurrency,
      nodes: ['n1', 'n2', 'n3', 'n4', 'n5'],
      client: bench.client,
      reads: new Set(['read']),
      deadlineNanos: 5 * SECOND,
      recorder,
      faults: { enqueue: () => undefined },
      stop: new AbortController().signal,
    });
    store.close();
    const seconds = (clock.now() - began) / SECOND;
    const cpu = process.cpuUsage(cpuBefore);
    if (result.failure !== null) throw result.failure;
    peak = Math.max(peak, process.memoryUsage.rss());
    return {
      seconds,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
      peakRssMegabytes: peak / 1e6,
      history: readBack(store.directory ?? '', bench.operations),
    };
  } finally {
    clearInterval(timer);
    rmSync(runsDirectory, { recursive: true });
  }
}

function readBack(directory: string, operations: number): readonly Operation[] {
  const { history, cutOff } = readRun(directory);
  const ok = history.filter(({ type }) => type === 'ok').length;
  if (cutOff || history.length !== 2 * operations || ok !== operations) {
    throw new Error(`history has ${history.length} lines, ${ok} ok; expected ${2 * operations}`);
  }
  return history;
}

/** Thousands of operations a second: of wall time, and of CPU time, which a busy machine changes less. */
async function benchRate(name: string, client: () => Client, repeats: number): Promise<void> {
  const operations = 300_000;
  for (const concurrency of [10, 100, 1000]) {
    const wall: number[] = [];
    const cpu: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const generator = workload(operations, concurrency);
      const figures = await measure({ concurrency, operations, generator, client });
      wall.push(operations / figures.seconds / 1000);
      cpu.push(operations / figures.cpuSeconds / 1000);
    }
    console.log(`rate, ${name} client, concurrency ${concurrency}: ${spread(wall, 'k/s')}`);
    console.log(`  a second of CPU: ${spread(cpu, 'k/s')}`);
  }
}

async function benchMemory(): Promise<void> {
  const operations = 1_000_000;
  const generator = workload(operations, 100);
  const client = (): Client => new PromptClient();
  // Read back afterwards, which takes memory of its own: the peak is that of the run.
  const { peakRssMegabytes } = await measure({ concurrency: 100, operations, generator, client });
  console.log(`peak memory, ${operations} operations: ${peakRssMegabytes.toFixed(0)} MB`);
}

/** How much wider than the truth intervals are: recorded minus what the client saw at its socket. */
async function benchWidening(): Promise<void> {
  const operations = 30_000;
  const echo = await startEcho();
  const clock = realClock();
  try {
    const { history, seconds } = await measure({
      concurrency: 50,
      operations,
      generator: limit(
        operations,
        stagger(100_000, () => ({ f: 'read', value: null })),
      ),
      client: () => new EchoClient(echo.port, clock),
    });
    const partners = pairs(history);
    const widenings = history.flatMap((completion, position) => {
      const invocation = partnerOf(history, partners, position);
      if (completion.type !== 'ok' || invocation === null) return [];
      const wire = completion.value as number;
      return [(completion.time - invocation.time - wire) / 1000];
    });
    widenings.sort((a, b) => a - b);
    const at = (share: number): string =>
      (widenings[Math.floor(widenings.length * share)] ?? 0).toFixed(1);
    console.log(
      `widening at ${(operations / seconds).toFixed(0)} operations a second: ` +
        `median ${at(0.5)} us, 90 % ${at(0.9)} us, 99 % ${at(0.99)} us`,
    );
  } finally {
    await echo.stop();
  }
}

/** Answers with how long the answer took on the wire: a byte for each operation. */
class EchoClient implements Client {
  readonly #socket = new Socket();
  readonly #port: number;
  readonly #clock: Clock;
  #sentAt = 0;
  #answer: (wireNanos: number) => void = () => undefined;

  constructor(port: number, clock: Clock) {
    this.#port = port;
    this.#clock = clock;
    this.#socket.setNoDelay(true);
    this.#socket.on('data', () => this.#answer(this.#clock.now() - this.#sentAt));
  }
  open(): Promise<void> {
    return new Promise((resolve) => this.#socket.connect(this.#port, '127.0.0.1', resolve));
  }
  invoke(): Promise<Value> {
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.#sentAt = this.#clock.now();
      this.#socket.write('?');
    });
  }
  async close(): Promise<void> {
    this.#socket.destroy();
  }
}

const ECHO = `
const { parentPort } = require('node:worker_threads');
const server = require('node:net').createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  socket.pipe(socket);
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

async function startEcho(): Promise<{ port: number; stop: () => Promise<unknown> }> {
  const thread = new Thread(ECHO, { eval: true });
  const port = await new Promise<number>((resolve) => thread.once('message', resolve));
  return { port, stop: () => thread.terminate() };
}

function spread(values: readonly number[], unit: string): string {
  const sorted = [...values].sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? 0;
  return `median ${median.toFixed(0)} ${unit} (${sorted.map((value) => value.toFixed(0)).join(' ')})`;
}

async function main(): Promise<void> {
  const repeats = Number(process.argv[2] ?? 5);
  await benchMemory();
  await benchWidening();
  await benchRate('prompt', () => new PromptClient(), repeats);
  await benchRate('polled', () => new PolledClient(), repeats);
}

await main();
