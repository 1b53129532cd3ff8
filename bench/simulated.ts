/**
 * Simulated runs, whole, through the real `run()`: how many a second, and whom they accuse. The correct version must
 * never be accused; ends with exit code 1 if it is.
 *
 * `npm run bench:simulated [-- runs version workload first-seed]`; by default 10,000 runs of the correct version,
 * the workloads in turn, shared out over a process for each processor.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { randomTest } from '../clusters/primary-backup/random-test.ts';
import { run } from '../harness/test.ts';

const [runs = '10000', version = 'correct', workload = 'both', first = '1'] = process.argv.slice(2);
const WORKLOADS = workload === 'both' ? ['register', 'set'] : [workload];

/**
 * What of a run dies with it should die young, and collecting it is not worth other threads; stacks of errors that
 * clients are meant to throw are read by nobody. A fifth of the time.
 */
const OPTIONS = ['--max-semi-space-size=64', '--single-threaded-gc', '--stack-trace-limit=0'];

/** What one run was. */
interface Figures {
  readonly seed: string;
  readonly workload: string;
  readonly validity: 'valid' | 'unknown' | 'invalid';
  readonly summary: string;
  readonly operations: number;
  readonly faults: number;
  readonly events: number;
}

if (process.send === undefined) await lead();
else await serve((figures) => void process.send?.(figures));

async function runOne(index: number): Promise<Figures> {
  const seed = BigInt(first) + BigInt(index);
  const chosen = WORKLOADS[index % WORKLOADS.length] ?? 'register';
  const spec = randomTest({ version, workload: chosen, seed });
  const { validity, summary, state } = await run(spec, new AbortController().signal);
  const verified = state.driving?.lanes.log.filter((record) => record.state === 'verified') ?? [];
  return {
    seed: String(seed),
    workload: chosen,
    validity,
    summary,
    operations: state.recorder.counts.invoke,
    faults: verified.length,
    events: 'events' in spec.clock ? Number(spec.clock.events) : 0,
  };
}

/** Runs one share of the seeds. */
async function serve(done: (figures: Figures) => void): Promise<void> {
  const [share = 0, shares = 1] = (process.env['FAULTLINE_BENCH_SHARE'] ?? '')
    .split('/')
    .map(Number);
  for (let index = share; index < Number(runs); index += shares) done(await runOne(index));
}

/** Shares out the runs, and adds up. */
async function lead(): Promise<void> {
  const began = performance.now();
  const found: Figures[] = [];
  const shares = availableParallelism();
  const children = Array.from({ length: shares }, (_, share) =>
    fork(fileURLToPath(import.meta.url), process.argv.slice(2), {
      execArgv: OPTIONS,
      env: { ...process.env, FAULTLINE_BENCH_SHARE: `${share}/${shares}` },
    }),
  );
  for (const child of children) {
    child.on('message', (message) => {
      found.push(message as Figures);
      if (found.length % 1000 === 0) report(found, began);
    });
  }
  const codes = await Promise.all(children.map(exitCode));
  report(found, began);
  const accused = found.filter(({ validity }) => validity !== 'valid');
  for (const { seed, workload: chosen, validity, summary } of accused.slice(0, 10)) {
    console.log(`seed ${seed} ${chosen}: ${validity}: ${summary}`);
  }
  const complete = found.length === Number(runs) && codes.every((code) => code === 0);
  if (!complete)
    console.log(`only ${found.length} of ${runs} runs ended; exit codes ${codes.join(', ')}`);
  if (!complete || (version === 'correct' && accused.length > 0)) process.exitCode = 1;
}

function exitCode(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.on('exit', resolve));
}

function report(found: readonly Figures[], began: number): void {
  const seconds = (performance.now() - began) / 1000;
  const mean = (figure: (one: Figures) => number): string =>
    (found.reduce((sum, one) => sum + figure(one), 0) / found.length).toFixed(1);
  const count = (validity: Figures['validity']): number =>
    found.filter((one) => one.validity === validity).length;
  console.log(
    [
      `${version}: ${found.length} runs in ${seconds.toFixed(1)} s`,
      `${(found.length / seconds).toFixed(0)} a second`,
      `each of ${mean((one) => one.operations)} operations`,
      `${mean((one) => one.faults)} faults verified`,
      `${mean((one) => one.events)} events`,
      `invalid: ${count('invalid')}, unknown: ${count('unknown')}`,
    ].join('; '),
  );
}
