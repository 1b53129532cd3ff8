/** Whether calls and answers fit together: a process does one thing at a time. */
import type { Operation } from '../harness/operation.ts';
import { HistoryFormatError } from './format.ts';

/**
 * Looks at a history as it goes by.
 *
 * Strict: an answer without a call, or a second call before the answer, is an error, because there is no sound way to
 * read it. Lenient, for transactions: both are let through, as Elle does; a call without an answer may have happened.
 */
export class Pairing {
  readonly #file: string;
  readonly #strict: boolean;
  /** The line of each process's open call. */
  readonly #open = new Map<number, number>();
  #operations = 0;

  constructor(file: string, strict: boolean) {
    this.#file = file;
    this.#strict = strict;
  }

  /** Operations seen: calls, and answers whose call is not in the history. */
  get operations(): number {
    return this.#operations;
  }

  /** @throws HistoryFormatError */
  add({ type, process, f }: Operation, line: number): void {
    const called = this.#open.get(process);
    if (type === 'invoke') {
      this.#operations++;
      if (called !== undefined && this.#strict) {
        throw this.#problem(
          `process ${String(process)} calls ${f} before its call on line ${String(called)} was answered; ` +
            'expected ok, fail or info first',
          line,
        );
      }
      this.#open.set(process, line);
      return;
    }
    if (called !== undefined) return void this.#open.delete(process);
    this.#operations++;
    if (this.#strict) {
      throw this.#problem(
        `${type} of process ${String(process)}, which has called nothing; expected an invoke first`,
        line,
      );
    }
  }

  #problem(message: string, line: number): HistoryFormatError {
    return new HistoryFormatError(this.#file, line, message);
  }
}
