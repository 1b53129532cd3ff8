/**
 * The process that makes attempts, one after another, as it is told. What one does to its own timing (a search on a large
 * history, a thousand runs in simulated time) does not reach the others.
 */
import { realClock } from '../harness/clock.ts';
import { bug } from '../harness/connection.ts';
import { SILENT } from '../harness/progress.ts';
import { type Attempt, runAttempt } from '../regressions/attempts.ts';
import { REGRESSIONS } from '../regressions/registry.ts';
import { type ResolvedRow, rowsOf } from '../regressions/regression.ts';
import { writeReport } from '../report/report.ts';
import { groundFor } from './testbeds.ts';

/** What a worker is told. */
export type WorkerTask =
  | {
      readonly kind: 'attempt';
      readonly regression: string;
      readonly row: string;
      readonly seed: string;
      readonly runsDirectory: string;
    }
  | { readonly kind: 'interrupt' };

/** What it answers. */
export type WorkerAnswer =
  | { readonly kind: 'phase'; readonly phase: string }
  | { readonly kind: 'done'; readonly attempt: Attempt }
  | { readonly kind: 'failed'; readonly message: string };

const interrupted = new AbortController();

listen();

/** Signals go to the whole group; this one hears of them from its parent, and ends in good order without one. */
function listen(): void {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => interrupted.abort(new Error(`interrupted by ${name}`)));
  }
  process.on('disconnect', () => interrupted.abort(new Error('the command has ended')));
  process.on('uncaughtException', (error) => {
    interrupted.abort(bug('a callback', 'uncaught', error));
  });
  process.on('message', (task: WorkerTask) => {
    if (task.kind === 'interrupt') interrupted.abort(new Error('interrupted'));
    else void attempt(task);
  });
}

async function attempt(task: WorkerTask & { readonly kind: 'attempt' }): Promise<void> {
  try {
    answer({ kind: 'done', attempt: await oneAttempt(task) });
  } catch (error) {
    answer({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}

async function oneAttempt(task: WorkerTask & { readonly kind: 'attempt' }): Promise<Attempt> {
  const row = rowNamed(task.regression, task.row);
  const seed = BigInt(task.seed);
  const made = await runAttempt(row, {
    seed,
    clock: realClock(),
    ground: () => groundFor(row.regression.system, undefined, seed),
    progress: { ...SILENT, phaseBegan: (phase) => answer({ kind: 'phase', phase }) },
    runsDirectory: task.runsDirectory,
    interrupt: interrupted.signal,
  });
  if (made.directory !== null) await writeReport(made.directory);
  return made;
}

function rowNamed(regression: string, name: string): ResolvedRow {
  const found = REGRESSIONS.filter((one) => one.name === regression).flatMap(rowsOf);
  const row = found.find((one) => one.name === name);
  if (row === undefined) throw new Error(`no row ${name} of ${regression}`);
  return row;
}

/** The parent may be gone. */
function answer(message: WorkerAnswer): void {
  if (process.connected) process.send?.(message);
}
