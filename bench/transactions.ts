/**
 * Judging transactions: histories of simulated databases, held against strict serializability, from parsed columns.
 *
 *     npm run bench:transactions [-- largest number of transactions]
 *
 * A process of its own for each row, so that the peak of memory is the row's. The bars are held against wall time, and
 * against processor time where others use the machine when it begins. Exits with 1 when a bar is missed.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { judgeListAppend } from '../checkers/transactions/list-append.ts';
import { judgeRwRegister } from '../checkers/transactions/rw-register.ts';
import { ColumnsBuilder } from '../checkers/transactions/columns-builder.ts';
import type { TransactionColumns } from '../checkers/transactions/columns.ts';
import { expectationOf } from '../checkers/transactions/consistency-models.ts';
import { seededRandom } from '../harness/random.ts';
import { median } from './median.ts';
import { SimulatedDatabase, type Isolation, type Workload } from './simulated-database.ts';

interface Row {
  readonly workload: Workload;
  readonly isolation: Isolation;
  readonly transactions: number;
  readonly runs: number;
}

interface Measure {
  readonly valid: string;
  readonly types: readonly string[];
  readonly buildMs: number;
  readonly wallMs: number;
  readonly processorMs: number;
  readonly peakMegabytes: number;
}

const SIZES: readonly (readonly [transactions: number, runs: number])[] = [
  [10_000, 5],
  [100_000, 3],
  [1_000_000, 1],
];
/** Milliseconds of judging list-append; rw-register may take twice as long. */
const BARS: Readonly<Record<number, number>> = { 100_000: 700, 1_000_000: 8_000 };
const MOST_MEGABYTES = 4_096;
/** Ten times the transactions may take so many times as long: near-linear. */
const MOST_GROWTH = 15;
const CONCURRENCY = 15;
const CHUNK = 10_000;

function measure({ workload, isolation, transactions, runs }: Row): Measure {
  const { columns, buildMs } = buildColumns(workload, isolation, transactions);
  const expectation = expectationOf(['strict-serializable']);
  const budget = { timeMs: 600_000 };
  const times: { wall: number; processor: number }[] = [];
  let verdict = '';
  let types: readonly string[] = [];
  for (let run = 0; run < runs; run++) {
    const began = performance.now();
    const usage = process.cpuUsage();
    const judged =
      workload === 'list-append'
        ? judgeListAppend(columns, expectation, budget)
        : judgeRwRegister(columns, expectation, budget, ['wfr-keys']);
    const { user, system } = process.cpuUsage(usage);
    times.push({ wall: performance.now() - began, processor: (user + system) / 1_000 });
    verdict = judged.verdict.valid;
    types = judged.anomalyTypes ?? [];
  }
  return {
    valid: verdict,
    types,
    buildMs,
    wallMs: median(times.map(({ wall }) => wall)),
    processorMs: median(times.map(({ processor }) => processor)),
    peakMegabytes: process.resourceUsage().maxRSS / 1_024,
  };
}

/** Operations are generated in chunks, and only the building of columns from them is timed. */
function buildColumns(
  workload: Workload,
  isolation: Isolation,
  transactions: number,
): { columns: TransactionColumns; buildMs: number } {
  const draws = seededRandom(1n).sequence(`${workload} ${isolation}`);
  const database = new SimulatedDatabase(workload, isolation, CONCURRENCY, draws);
  const builder = new ColumnsBuilder(workload === 'list-append' ? 'lists' : 'registers');
  let buildMs = 0;
  for (let left = transactions * 2; left > 0; left -= CHUNK) {
    const chunk = Array.from({ length: Math.min(CHUNK, left) }, () => database.next());
    const began = performance.now();
    for (const operation of chunk) builder.add(operation);
    buildMs += performance.now() - began;
  }
  const began = performance.now();
  const columns = builder.finish();
  return { columns, buildMs: buildMs + performance.now() - began };
}

function inOwnProcess(row: Row): Measure {
  const script = fileURLToPath(import.meta.url);
  const child = spawnSync(
    process.execPath,
    [...process.execArgv, script, '--row', JSON.stringify(row)],
    { encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  if (child.status !== 0) throw new Error(`row ${JSON.stringify(row)} failed: ${child.stderr}`);
  return JSON.parse(child.stdout) as Measure;
}

/** Where others use the machine, wall time says nothing of the checker. */
const busy = (loadavg()[0] ?? 0) > availableParallelism();

function main(most: number): void {
  if (busy) console.log('others use this machine: the bars are held against processor time');
  const bar = (row: Row, what: string, value: number, limit: number): string => {
    if (value <= limit) return '';
    process.exitCode = 1;
    return `  ${row.workload} ${row.transactions}: ${what} above the bar of ${limit}`;
  };
  console.log(
    'workload     database            transactions  columns  judging  processor  growth  peak  verdict',
  );
  for (const workload of ['list-append', 'rw-register'] as const) {
    for (const isolation of ['serializable', 'snapshot-isolation'] as const) {
      let before = NaN;
      for (const [transactions, runs] of SIZES) {
        if (transactions > most) continue;
        const row: Row = { workload, isolation, transactions, runs };
        const found = inOwnProcess(row);
        const growth = found.processorMs / before;
        before = found.processorMs;
        const factor = workload === 'list-append' ? 1 : 2;
        const limit = (BARS[transactions] ?? Infinity) * factor;
        const misses = [
          bar(row, 'judging time', busy ? found.processorMs : found.wallMs, limit),
          bar(row, 'peak of memory', found.peakMegabytes, MOST_MEGABYTES),
          transactions === 1_000_000 ? bar(row, 'growth', growth, MOST_GROWTH) : '',
        ];
        console.log(lineOf(row, found, growth));
        for (const miss of misses) if (miss !== '') console.log(miss);
      }
    }
  }
}

function lineOf(row: Row, found: Measure, growth: number): string {
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(3)} s`;
  return [
    row.workload.padEnd(11),
    row.isolation.padEnd(18),
    row.transactions.toLocaleString('en').padStart(13),
    seconds(found.buildMs).padStart(8),
    seconds(found.wallMs).padStart(8),
    seconds(found.processorMs).padStart(10),
    (Number.isNaN(growth) ? '' : `${growth.toFixed(1)} x`).padStart(7),
    `${found.peakMegabytes.toFixed(0)} MB`.padStart(8),
    `${found.valid} ${found.types.join(' ')}`,
  ].join('  ');
}

const [first, second] = process.argv.slice(2);
if (first === '--row') {
  process.stdout.write(JSON.stringify(measure(JSON.parse(second ?? '') as Row)));
} else {
  main(first === undefined ? 1_000_000 : Number(first));
}
