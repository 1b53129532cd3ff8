/** Judging while a run goes on: a thread of its own reads the run's journal and tells the first violation. */
import type { Worker } from 'node:worker_threads';
import { type CheckerRef, moduleUrl, type Verdict } from '../checker.ts';
import type { Clock } from '../clock.ts';
import { SECOND } from '../operation.ts';
import { MODULE_EXTENSION, startThread } from '../worker-thread.ts';
import type { OnlineReport, OnlineTask, OnlineViolation } from './online-task.ts';

export interface OnlineOptions {
  /** Those without `online` are left to the end of the run. */
  readonly checkers: readonly CheckerRef[];
  /** The path of history.jsonl, which exists already. */
  readonly history: string;
  readonly clock: Clock;
  /** Told of each violation, on the loop's thread. */
  readonly violated: (violation: OnlineViolation) => void;
  /** A line for the run's log. */
  readonly log: (line: string) => void;
}

/** What is still unread when the run is over may take so long; the checkers at the end judge everything again. */
const CATCH_UP_LIMIT = 5 * SECOND;

/** The thread, while it runs. */
export class OnlineJudging {
  readonly violations: OnlineViolation[] = [];
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #clock: Clock;

  constructor(options: OnlineOptions) {
    const { clock, history, log, violated } = options;
    const checkers = watched(options.checkers).map((ref) => ({ ...ref, module: moduleUrl(ref) }));
    const workerData: OnlineTask = { history, checkers };
    this.#clock = clock;
    this.#worker = startThread(
      new URL(`./online-worker${MODULE_EXTENSION}`, import.meta.url),
      { workerData },
      checkers.some(({ module }) => module.endsWith('.ts')),
    );
    this.#worker.on('message', (report: OnlineReport) => {
      if (report.kind === 'done') log(`online: judged ${String(report.operations)} lines`);
      if (report.kind === 'failed') log(`online: ${report.checker} failed: ${report.message}`);
      if (report.kind !== 'violation') return;
      this.violations.push(report.violation);
      violated(report.violation);
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', () => resolve());
      this.#worker.on('error', (error: unknown) =>
        log(`online: the thread failed: ${String(error)}`),
      );
    });
  }

  /** Lets it read to the end of the journal, at most five seconds, and ends it. */
  async stop(): Promise<void> {
    this.#worker.postMessage('stop');
    const timer = this.#clock.at(
      this.#clock.now() + CATCH_UP_LIMIT,
      () => void this.#worker.terminate(),
    );
    await this.#ended;
    timer.cancel();
  }
}

/** Those that can judge online. */
export function watched(checkers: readonly CheckerRef[]): readonly CheckerRef[] {
  return checkers.filter(({ online }) => online !== undefined);
}

/** What was found online, as a verdict; null when nothing was. */
export function onlineVerdict(violations: readonly OnlineViolation[]): Verdict | null {
  const [first] = violations;
  if (first === undefined) return null;
  return {
    valid: 'invalid',
    summary: `${first.checker} found ${first.anomaly.name} at line ${String(first.operation)}, while the run went on`,
    anomalies: violations.map(({ anomaly }) => anomaly),
  };
}
