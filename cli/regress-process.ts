/** A process for attempts, as its parent sees it: given one, it answers with what came of it, whatever happens to it. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MODULE_EXTENSION } from '../harness/worker-thread.ts';
import type { Attempt } from '../regressions/attempts.ts';
import type { WorkerAnswer, WorkerTask } from './regress-worker.ts';

export class AttemptProcess {
  readonly #child: ChildProcess;
  #ended: string | null = null;

  constructor() {
    const code = fileURLToPath(new URL(`./regress-worker${MODULE_EXTENSION}`, import.meta.url));
    // What it says goes to stderr: stdout is for results. Ctrl-C is for the parent, which tells its children.
    this.#child = fork(code, [], { stdio: ['ignore', 2, 2, 'ipc'], detached: true });
    this.#child.once('exit', (code, signal) => {
      this.#ended = `its process ended (${signal ?? `exit ${String(code)}`})`;
    });
  }

  get alive(): boolean {
    return this.#ended === null;
  }

  /** Makes one attempt. Never rejects: an attempt whose process dies is unknown, and its run is put right by others. */
  attempt(
    task: WorkerTask & { readonly kind: 'attempt' },
    phase: (name: string) => void,
  ): Promise<Attempt> {
    const child = this.#child;
    return new Promise((resolve) => {
      const end = (attempt: Attempt): void => {
        child.off('message', hear).off('exit', gone);
        resolve(attempt);
      };
      const hear = (answer: WorkerAnswer): void => {
        if (answer.kind === 'phase') phase(answer.phase);
        else if (answer.kind === 'done') end(answer.attempt);
        else end(unknownAttempt(task.seed, answer.message));
      };
      const gone = (): void => end(unknownAttempt(task.seed, this.#ended ?? 'its process ended'));
      child.on('message', hear).on('exit', gone);
      this.#tell(task);
    });
  }

  /** Ends the attempt under way in good order. */
  interrupt(): void {
    this.#tell({ kind: 'interrupt' });
  }

  /** Ends the process, which has nothing to do any more. */
  close(): void {
    if (this.alive) this.#child.kill('SIGKILL');
  }

  #tell(task: WorkerTask): void {
    // Its end is told by its exit.
    if (this.alive && this.#child.connected) this.#child.send(task, () => undefined);
  }
}

function unknownAttempt(seed: string, why: string): Attempt {
  return {
    seed,
    outcome: 'unknown',
    summary: `unknown: harness-failure (${why})`,
    own: [],
    others: [],
    directory: null,
    seconds: 0,
  };
}
