/**
 * The engine's speed, through the real `run`: operations (invocation and completion) a second with workers, deadlines,
 * an idle fault lane, a generator of reserve, mix, stagger and nemesis, and the history written to disk. The file is
 * parsed afterwards and every line counted.
 *
 *     npm run bench:interpreter [-- repeats]
 *
 * Two clients are measured: one that answers at once, as Jepsen's benchmark has it, and one that answers at the next
 * poll of I/O, so that as many operations are outstanding as there are threads. Exits with 1 when a bar is missed: the
 * rate is held against the first client, in wall time where the machine is the benchmark's own. Where others use it too
 * (more ready to run than there are processors, when the benchmark begins), wall time says nothing of the engine, and
 * the rate a second of processor time counts; that is said.
 */
import { fork } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Client } from '../harness/client.ts';
import type { Generator } from '../harness/generator.ts';
import { faultSteps } from '../harness/generators/fault-steps.ts';
import { limit } from '../harness/generators/limit.ts';
import { mix } from '../harness/generators/mix.ts';
import { stagger } from '../harness/generators/pace.ts';
import { reserve } from '../harness/generators/reserve.ts';
import { clients } from '../harness/generators/routing.ts';
import { pairs, partnerOf } from '../harness/history.ts';
import type { Trigger } from '../harness/nemesis.ts';
import type { Invocation, Operation } from '../harness/operation.ts';
import { MICROSECOND, SECOND } from '../harness/operation.ts';
import { measureRun } from './engine-run.ts';
import { median } from './median.ts';
import { EchoClient, PolledClient, PromptClient, startEcho } from './null-clients.ts';

const RATE_BAR = 300_000;
const MEMORY_BAR_MEGABYTES = 500;
const WIDENING_BAR = 50 * MICROSECOND;
const CONCURRENCIES = [10, 100, 1000];

/** A workload like Jepsen's own performance test: reserved ranges, a mix, a pace that does not bind, a nemesis. */
function workload(concurrency: number): Generator {
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
  return clients(stagger(1, some), faultSteps([]));
}

const missed: string[] = [];
const busy = (loadavg()[0] ?? 0) > availableParallelism();

/** One rate, of wall time and of processor time, which a busy machine changes less. */
async function benchRate(
  name: string,
  concurrency: number,
  client: () => Client,
  repeats: number,
  trigger: Trigger,
): Promise<number> {
  const wall: number[] = [];
  const cpu: number[] = [];
  for (let repeat = -1; repeat < repeats; repeat++) {
    const generator = workload(concurrency);
    const timeLimit = (repeat < 0 ? 0.5 : 1) * SECOND;
    const figures = await measureRun({ concurrency, generator, client, timeLimit, trigger });
    if (repeat < 0) continue; // Warms up.
    wall.push(figures.operations / figures.seconds);
    cpu.push(figures.operations / figures.cpuSeconds);
  }
  console.log(`${name}, concurrency ${concurrency}: ${spread(wall)} operations/s`);
  console.log(`    a second of processor time: ${spread(cpu)}; load ${load()}`);
  return median(busy ? cpu : wall);
}

async function benchRates(repeats: number): Promise<void> {
  const anHour: Trigger = { at: 3600 * SECOND };
  for (const concurrency of CONCURRENCIES) {
    const prompt = (): Client => new PromptClient();
    const rate = await benchRate('prompt client', concurrency, prompt, repeats, anHour);
    if (rate < RATE_BAR) {
      missed.push(`${format(rate)} operations/s at concurrency ${concurrency}: below 300,000`);
    }
  }
  for (const concurrency of CONCURRENCIES) {
    const polled = (): Client => new PolledClient();
    await benchRate('polled client', concurrency, polled, repeats, anHour);
  }
  const never: Trigger = { operation: { f: 'never' } };
  const prompt = (): Client => new PromptClient();
  await benchRate('prompt client, a lane that sees each', 100, prompt, repeats, never);
}

/** In a process of its own, whose memory is that of the one run. */
async function benchMemory(): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), ['memory']);
  const answered = new Promise<Record<'operations' | 'recorded' | 'judged', number>>((resolve) =>
    child.once('message', resolve as (message: unknown) => void),
  );
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', () => reject(new Error('the run for memory failed')));
  });
  const { operations, recorded, judged } = await Promise.race([answered, ended]);
  ended.catch(() => undefined); // Its end was awaited only in case it said nothing.
  console.log(
    `peak memory of the whole process, ${format(operations)} operations: ` +
      `${format(recorded)} MB until recorded, ${format(judged)} MB until judged`,
  );
  if (judged >= MEMORY_BAR_MEGABYTES) missed.push(`${format(judged)} MB of memory: 500 or more`);
}

async function serveMemory(): Promise<void> {
  const operations = 1_000_000;
  const generator = limit(operations, workload(100));
  const client = (): Client => new PromptClient();
  const figures = await measureRun({ concurrency: 100, generator, client, timeLimit: 20 * SECOND });
  const told = figures.history.length / 2;
  if (told !== operations) throw new Error(`${told} operations, expected ${operations}`);
  process.send?.({ operations: told, ...figures.peakMegabytes }, () => process.disconnect());
}

/** How much wider than the truth intervals are: recorded minus what the client saw at its socket. */
async function benchWidening(): Promise<void> {
  const echo = await startEcho();
  try {
    const { history, operations, seconds } = await measureRun({
      concurrency: 50,
      generator: stagger(100 * MICROSECOND, () => ({ f: 'read', value: null })),
      client: (clock) => new EchoClient(echo.port, clock),
      timeLimit: 3 * SECOND,
    });
    const found = widenings(history);
    const at = (share: number): number => found[Math.floor(found.length * share)] ?? NaN;
    const micros = (share: number): string => (at(share) / MICROSECOND).toFixed(1);
    console.log(
      `widening of intervals at ${format(operations / seconds)} operations/s: ` +
        `median ${micros(0.5)} µs, 90 % ${micros(0.9)} µs, 99 % ${micros(0.99)} µs; load ${load()}`,
    );
    if (!(at(0.5) < WIDENING_BAR)) missed.push(`${micros(0.5)} µs of widening: 50 or more`);
  } finally {
    await echo.stop();
  }
}

function widenings(history: readonly Operation[]): number[] {
  const partners = pairs(history);
  const found = history.flatMap((completion, position) => {
    const invocation = partnerOf(history, partners, position);
    if (completion.type !== 'ok' || invocation === null) return [];
    return [completion.time - invocation.time - (completion.value as number)];
  });
  return found.sort((a, b) => a - b);
}

function spread(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return `median ${format(median(values))} (${format(least)} to ${format(most)})`;
}

function format(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function load(): string {
  return (loadavg()[0] ?? NaN).toFixed(1);
}

async function main(): Promise<void> {
  if (process.argv[2] === 'memory') return serveMemory();
  console.log(`${availableParallelism()} processors, Node ${process.version}, load ${load()}`);
  if (busy) console.log('others use this machine: the bar is held against processor time');
  await benchMemory();
  await benchWidening();
  await benchRates(Number(process.argv[2] ?? 5));
  for (const bar of missed) console.log(`missed: ${bar}`);
  if (missed.length > 0) process.exitCode = 1;
}

await main();
