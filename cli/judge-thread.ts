/**
 * Judges files in a thread of their own with a hard budget: a judge that does not come back is ended, its history is
 * `unknown`, and the cases after it are judged all the same.
 */
import { totalmem } from 'node:os';
import type { Worker } from 'node:worker_threads';
import type { Verdict } from '../harness/checker.ts';
import { realClock, type Timer } from '../harness/clock.ts';
import { MILLISECOND } from '../harness/operation.ts';
import { MODULE_EXTENSION, startThread } from '../harness/worker-thread.ts';
import type { CaseResult, FileTask, JudgeSign } from './judge-task.ts';

/** How a file ended. */
export type FileEnding =
  | { readonly kind: 'done' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'refused' | 'failed'; readonly message: string };

/** A judge that looks at its own budget may take so much longer before it is ended. */
const GRACE = 1.25;
const GRACE_MS = 250;
/** No sign of life while a file is being read. */
const READING_LIMIT_MS = 60_000;
const MEGABYTE = 2 ** 20;

const JUDGE_WORKER = new URL(`./judge-worker${MODULE_EXTENSION}`, import.meta.url);

/** What the thread does not say itself. */
type Overrun = { readonly kind: 'ended'; readonly verdict: Verdict };

/** One thread, started when needed and again after it had to be ended. */
export class JudgeThread {
  readonly #signal: AbortSignal;
  readonly #typescript: boolean;
  readonly #code: URL;
  readonly #clock = realClock();
  #worker: Worker | null = null;

  /**
   * @param signal aborted: what is not judged yet stays so. @param typescript it will import TypeScript, a user's model.
   * @param code the thread's module. Default: judge-worker.
   */
  constructor(signal: AbortSignal, typescript = false, code: URL = JUDGE_WORKER) {
    this.#signal = signal;
    this.#typescript = typescript;
    this.#code = code;
  }

  /** Judges a file; each case is told as it is decided. Never rejects for anything a judge does. */
  async judge(task: FileTask, tell: (result: CaseResult) => void): Promise<FileEnding> {
    for (let skip = task.skip; ;) {
      if (this.#signal.aborted) return { kind: 'interrupted' };
      const state: CaseState = { number: skip, name: null, begun: false };
      const ending = await this.#run({ ...task, skip }, tell, state);
      if (ending.kind !== 'ended') return ending;
      // A thread that never said a word is not the fault of a history, and would not say one at the next.
      if (!state.begun) return { kind: 'failed', message: ending.verdict.summary };
      tell(undecided(state, task.model ?? '', ending.verdict));
      skip = state.number + 1;
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #run(
    task: FileTask,
    tell: (result: CaseResult) => void,
    state: CaseState,
  ): Promise<FileEnding | Overrun> {
    const worker = (this.#worker ??= start(this.#code, this.#typescript));
    return new Promise((resolve) => {
      let timer: Timer | null = null;
      const end = (ending: FileEnding | Overrun, isAlive: boolean): void => {
        timer?.cancel();
        worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        this.#signal.removeEventListener('abort', onAbort);
        // Decided when the thread is gone, so that nothing of it runs on.
        if (isAlive) resolve(ending);
        else void this.close().then(() => resolve(ending));
      };
      const limit = (limitMs: number, why: string): void => {
        timer?.cancel();
        const verdict: Verdict = { valid: 'unknown', reason: 'budget', summary: why };
        timer = this.#clock.at(this.#clock.now() + limitMs * MILLISECOND, () =>
          end({ kind: 'ended', verdict }, false),
        );
      };
      const onAbort = (): void => end({ kind: 'interrupted' }, false);
      this.#signal.addEventListener('abort', onAbort, { once: true });
      const onMessage = (sign: JudgeSign): void => {
        if (sign.kind === 'done' || sign.kind === 'refused' || sign.kind === 'failed') {
          return end(sign, true);
        }
        state.begun = true;
        if (sign.kind === 'judging') {
          const why = `ended: it took longer than its budget of ${String(task.timeMs)} ms`;
          return limit(task.timeMs * GRACE + GRACE_MS, why);
        }
        limit(Math.max(READING_LIMIT_MS, task.timeMs), 'ended: reading it did not go on');
        if (sign.kind === 'case') {
          tell(sign.result);
          state.number = sign.result.number + 1;
          state.name = null;
        } else {
          state.number = sign.number;
          state.name = sign.name;
        }
      };
      const onError = (error: unknown): void => end({ kind: 'ended', verdict: lost(error) }, false);
      const onExit = (code: number): void =>
        onError(new Error(`its thread ended with status ${String(code)}`));
      worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      limit(Math.max(READING_LIMIT_MS, task.timeMs), 'ended: reading it did not begin');
      worker.postMessage(task);
    });
  }
}

interface CaseState {
  number: number;
  name: string | null;
  /** Whether the thread has said anything. */
  begun: boolean;
}

function start(code: URL, typescript: boolean): Worker {
  const maxOldGenerationSizeMb = Math.floor((totalmem() / MEGABYTE) * 0.75);
  // Operations die young by the million: more room for them saves copying those that live.
  const resourceLimits = { maxOldGenerationSizeMb, maxYoungGenerationSizeMb: 64 };
  return startThread(code, { resourceLimits }, typescript);
}

function lost(error: unknown): Verdict {
  const { code } = error as { code?: unknown };
  const summary =
    code === 'ERR_WORKER_OUT_OF_MEMORY'
      ? 'ended: it needs more memory than there is'
      : `the judge failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  const reason = code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'budget' : 'harness-failure';
  return { valid: 'unknown', reason, summary };
}

function undecided({ number, name }: CaseState, model: string, verdict: Verdict): CaseResult {
  return {
    number,
    name,
    model,
    verdict: { verdict, certificates: [] },
    operations: 0,
    milliseconds: 0,
    shown: [],
    lacks: null,
    field: null,
    checked: [],
  };
}
