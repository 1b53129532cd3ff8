/**
 * Judges a recorded run: each checker in a worker thread, within a budget, never on the loop's thread. A checker that
 * overruns its budget is ended (`unknown: budget`), one that throws is our own bug (`unknown: harness-failure`); the
 * others are judged all the same.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';

import { checkOnce, failedVerdict, loadCheck } from './check-once.ts';
import { moduleUrl, worst } from './checker.ts';
import type { CheckBudget, CheckerRef, RecordedRun, Validity, Verdict } from './checker.ts';
import type { Clock } from './clock.ts';
import { realClock } from './clock.ts';
import { loadRun } from './judge-task.ts';
import type { JudgeAnswer, JudgedRun, JudgeTask } from './judge-task.ts';
import { MILLISECOND } from './operation.ts';
import { MODULE_EXTENSION, startThread } from './worker-thread.ts';

export interface JudgeOptions {
  readonly checkers: readonly CheckerRef[];
  /** Of each checker. Default: 60 000 ms. */
  readonly budget?: Pick<CheckBudget, 'timeMs'>;
  /** Aborted: what is not decided yet is `unknown: interrupted`. */
  readonly signal?: AbortSignal;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

export interface Judgement {
  /** The worst of the verdicts. */
  readonly validity: Validity;
  /** By the checker's name; a name used twice gets `-2`, `-3` … */
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** The validity, and the first verdict that made it so. */
  readonly summary: string;
}

const BUDGET_MS = 60_000;
const THREADS = 2;
/** Each thread holds the whole run: of a history as large as this, one is enough. In bytes of history.jsonl. */
const LARGE_HISTORY = 64 * 1024 * 1024;
/** Nearly all that is read stays; space for what dies young would be added to it for nothing. */
const LARGE_LIMITS = { maxYoungGenerationSizeMb: 6 };
/** Starting a thread, reading a run of a million operations, importing a checker. */
const LOAD_LIMIT_MS = 300_000;
/** A checker that looks at its own budget may take so much longer before it is ended. */
const GRACE = 1.25;

/** Judges in worker threads. Never rejects for anything a checker does. */
export async function judge(input: JudgedRun & JudgeOptions): Promise<Judgement> {
  const timeMs = input.budget?.timeMs ?? BUDGET_MS;
  const tasks = input.checkers.map((ref, index): JudgeTask => ({
    index,
    timeMs,
    checker: { ...ref, module: moduleUrl(ref) },
  }));
  const verdicts: Verdict[] = [];
  const queue = [...tasks];
  const threads = Math.min(isLarge(input) ? 1 : THREADS, queue.length);
  await Promise.all(
    Array.from({ length: threads }, async () => {
      const bench = new JudgeBench(input, tasks);
      for (let task = queue.shift(); task !== undefined; task = queue.shift()) {
        verdicts[task.index] = await bench.judge(task);
      }
      await bench.close();
    }),
  );
  return composed(input.checkers, verdicts);
}

function isLarge(input: JudgedRun): boolean {
  if ('run' in input) return false;
  const history = statSync(join(input.directory, 'history.jsonl'), { throwIfNoEntry: false });
  return history !== undefined && history.size >= LARGE_HISTORY;
}

/**
 * Judges on this thread, for runs by the thousand. Without a clock: the verdict is a pure function of the run.
 * @throws CorruptJournalError when a directory does not hold what was written to it.
 */
export async function judgeInline(input: JudgedRun & JudgeOptions): Promise<Judgement> {
  const run = loadRun(input);
  const verdicts: Verdict[] = [];
  for (const ref of input.checkers) verdicts.push(await checkInline(ref, run, input));
  return composed(input.checkers, verdicts);
}

async function checkInline(
  ref: CheckerRef,
  run: RecordedRun,
  { budget, clock, signal }: JudgeOptions,
): Promise<Verdict> {
  if (signal?.aborted === true) return INTERRUPTED;
  try {
    const check = await loadCheck(ref, moduleUrl(ref));
    return checkOnce(check, run, ref, budget?.timeMs ?? BUDGET_MS, clock ?? null);
  } catch (error) {
    return failedVerdict(error);
  }
}

const INTERRUPTED: Verdict = {
  valid: 'unknown',
  reason: 'interrupted',
  summary: 'judging was interrupted',
};

/** One thread, started when needed and again after it had to be ended. */
class JudgeBench {
  readonly #input: JudgedRun & JudgeOptions;
  readonly #tasks: readonly JudgeTask[];
  readonly #clock: Clock;
  #worker: Worker | null = null;

  constructor(input: JudgedRun & JudgeOptions, tasks: readonly JudgeTask[]) {
    this.#input = input;
    this.#tasks = tasks;
    this.#clock = input.clock ?? realClock();
  }

  async judge(task: JudgeTask): Promise<Verdict> {
    const { signal } = this.#input;
    if (signal?.aborted === true) return INTERRUPTED;
    const ending = new AbortController();
    try {
      const worker = (this.#worker ??= this.#start());
      return await new Promise<Verdict>((resolve) => {
        this.#listen(worker, task, resolve, ending.signal);
        worker.postMessage(task);
      });
    } catch (error) {
      return failedVerdict(error);
    } finally {
      ending.abort();
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #listen(
    worker: Worker,
    task: JudgeTask,
    decide: (verdict: Verdict) => void,
    over: AbortSignal,
  ): void {
    let given = false;
    const give = (verdict: Verdict): void => {
      // The first reason counts: ending the thread is itself seen as its end.
      if (given) return;
      given = true;
      // Decided when the thread is gone, so that nothing of it runs on.
      void this.close().then(() => decide(verdict));
    };
    const limitBy = (limitMs: number, verdict: Verdict): (() => void) => {
      const at = this.#clock.now() + limitMs * MILLISECOND;
      const timer = this.#clock.at(at, () => give(verdict));
      return () => timer.cancel();
    };
    let unlimit = limitBy(
      LOAD_LIMIT_MS,
      failedVerdict(new Error('the run could not be read in time')),
    );
    const onMessage = (message: JudgeAnswer): void => {
      if (message.kind === 'verdict') return void decide(message.verdict);
      unlimit();
      unlimit = limitBy(task.timeMs * GRACE, overBudget(task.timeMs));
    };
    const onError = (error: unknown): void => give(failedVerdict(error));
    const onExit = (code: number): void =>
      give(failedVerdict(new Error(`the checker's thread ended with status ${String(code)}`)));
    const onAbort = (): void => give(INTERRUPTED);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    this.#input.signal?.addEventListener('abort', onAbort, { once: true });
    over.addEventListener('abort', () => {
      unlimit();
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      this.#input.signal?.removeEventListener('abort', onAbort);
    });
  }

  #start(): Worker {
    const input: JudgedRun =
      'run' in this.#input ? { run: this.#input.run } : { directory: this.#input.directory };
    const worker = startThread(
      new URL(`./judge-worker${MODULE_EXTENSION}`, import.meta.url),
      { workerData: input, resourceLimits: isLarge(input) ? LARGE_LIMITS : {} },
      this.#tasks.some(({ checker }) => checker.module.endsWith('.ts')),
    );
    // The task in hand tells of a failure; a thread that ends between two tasks is only to be replaced.
    const forget = (): void => {
      if (this.#worker === worker) this.#worker = null;
    };
    return worker.on('error', forget).on('exit', forget);
  }
}

function overBudget(timeMs: number): Verdict {
  const summary = `the checker was ended: it took longer than its budget of ${String(timeMs)} ms`;
  return { valid: 'unknown', reason: 'budget', summary };
}

function composed(refs: readonly CheckerRef[], list: readonly Verdict[]): Judgement {
  const verdicts: Record<string, Verdict> = {};
  for (const [index, { name }] of refs.entries()) {
    let unique = name;
    for (let copy = 2; unique in verdicts; copy++) unique = `${name}-${String(copy)}`;
    verdicts[unique] = list[index] ?? failedVerdict(new Error('no verdict'));
  }
  const validity = worst(Object.values(verdicts).map(({ valid }) => valid));
  return { validity, verdicts, summary: summaryOf(validity, verdicts) };
}

function summaryOf(validity: Validity, verdicts: Readonly<Record<string, Verdict>>): string {
  const decisive = Object.entries(verdicts).find(([, { valid }]) => valid === validity);
  if (validity === 'valid' || decisive === undefined) return validity;
  const [name, { reason, summary }] = decisive;
  return `${validity}${reason === undefined ? '' : `: ${reason}`} (${name}: ${summary})`;
}
