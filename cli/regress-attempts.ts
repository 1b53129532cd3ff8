/** All attempts at all rows, as many at once as there is room for. */
import type { Attempt } from '../regressions/attempts.ts';
import type { ResolvedRow } from '../regressions/regression.ts';
import { fits, inOrder, type Load, loadOf, type Room } from '../regressions/row-order.ts';
import { AttemptProcess } from './regress-process.ts';

/** One attempt to be made. */
export interface Job {
  readonly row: ResolvedRow;
  /** Which of the row's, from 1. */
  readonly number: number;
  readonly of: number;
  readonly seed: string;
  readonly load: Load;
}

export interface AttemptsOptions {
  readonly room: Room;
  readonly runsDirectory: string;
  readonly interrupt: AbortSignal;
  readonly began: (job: Job) => void;
  readonly phase: (job: Job, phase: string) => void;
  readonly ended: (job: Job, attempt: Attempt) => void;
}

/**
 * So many attempts at each row, fixed beforehand. No two have the same seed, so that no two that begin in the same moment
 * are one run by name.
 */
export function jobsFor(
  rows: readonly ResolvedRow[],
  count: (row: ResolvedRow) => number,
  seed: bigint,
): readonly Job[] {
  let given = 0n;
  return rows.flatMap((row) => {
    const load = loadOf(row);
    const of = count(row);
    return Array.from({ length: of }, (_, index) => {
      const own = String(BigInt.asUintN(64, seed + given++));
      return { row, number: index + 1, of, seed: own, load };
    });
  });
}

/** Makes them; after an interruption those under way end in good order, and no other begins. */
export async function makeAttempts(
  jobs: readonly Job[],
  options: AttemptsOptions,
): Promise<ReadonlyMap<Job, Attempt>> {
  const made = new Map<Job, Attempt>();
  const waiting = inOrder(jobs);
  const running = new Map<Job, Promise<void>>();
  const processes = new Processes();
  const make = async (job: Job): Promise<void> => {
    const attempt = await processes.make(job, options);
    made.set(job, attempt);
    running.delete(job);
    options.ended(job, attempt);
  };
  const interrupt = (): void => processes.interrupt();
  options.interrupt.addEventListener('abort', interrupt, { once: true });
  try {
    for (;;) {
      if (options.interrupt.aborted) waiting.length = 0;
      const job = take(waiting, running, options.room);
      if (job !== null) {
        running.set(job, make(job));
        continue;
      }
      if (running.size === 0) return made;
      await Promise.race(running.values());
    }
  } finally {
    options.interrupt.removeEventListener('abort', interrupt);
    processes.close();
  }
}

/** The first that may begin now. */
function take(waiting: Job[], running: ReadonlyMap<Job, unknown>, room: Room): Job | null {
  const loads = [...running.keys()].map(({ load }) => load);
  const index = waiting.findIndex(({ load }) => fits(load, loads, room));
  return index < 0 ? null : (waiting.splice(index, 1)[0] ?? null);
}

/** Processes for attempts: made when needed, used again while they live. */
class Processes {
  readonly #all: AttemptProcess[] = [];
  readonly #idle: AttemptProcess[] = [];

  async make(job: Job, { runsDirectory, began, phase }: AttemptsOptions): Promise<Attempt> {
    began(job);
    const process = this.#one();
    const { row, seed } = job;
    const regression = row.regression.name;
    const attempt = await process.attempt(
      { kind: 'attempt', regression, row: row.name, seed, runsDirectory },
      (name) => phase(job, name),
    );
    if (process.alive) this.#idle.push(process);
    return attempt;
  }

  interrupt(): void {
    for (const process of this.#all) process.interrupt();
  }

  close(): void {
    for (const process of this.#all) process.close();
  }

  #one(): AttemptProcess {
    const idle = this.#idle.pop();
    if (idle?.alive === true) return idle;
    const made = new AttemptProcess();
    this.#all.push(made);
    return made;
  }
}
