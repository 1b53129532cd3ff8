/** From operations with the ranks of their ends to the lines of a history, in the order of the ranks. */
import type { OperationType, Value } from '../harness/operation.ts';
import type { OperationReader } from './operation-reader.ts';
import type { SourceFile } from './source-file.ts';

export interface RankedOperation {
  readonly process: number;
  readonly f: string;
  readonly input: Value;
  /** What a read answered. */
  readonly output: Value;
  readonly call: number;
  /** Null: it never completed. */
  readonly end: number | null;
  readonly type: OperationType;
}

interface Pending {
  readonly operation: RankedOperation;
  readonly line: number;
}

/**
 * Takes operations in the order of their calls, and holds back only the ends that are still to come. Of equal ranks the
 * call comes first: the operations then overlap, which accuses nobody.
 */
export class RankedOperations {
  readonly #source: SourceFile;
  readonly #reader: OperationReader;
  /** A heap by `end`. */
  readonly #pending: Pending[] = [];
  /** Of each process, the operation that has not ended: null when it never will. */
  readonly #open = new Map<number, Pending>();
  #call = -1;

  constructor(source: SourceFile, reader: OperationReader) {
    this.#source = source;
    this.#reader = reader;
  }

  /** @throws HistoryFormatError when calls are out of order, or a process does two things at once. */
  add(operation: RankedOperation, line: number): void {
    const { call, process } = operation;
    if (call < this.#call) {
      throw this.#source.problem(
        `call ${String(call)} after call ${String(this.#call)}: expected operations in the order of their calls`,
        line,
      );
    }
    this.#call = call;
    this.#endBefore(call);
    const open = this.#open.get(process);
    if (open !== undefined) this.#giveUp(open, line);
    const pending = { operation, line };
    this.#open.set(process, pending);
    if (operation.end !== null) this.#push(pending);
    this.#reader.push(process, 'invoke', operation.f, operation.input, line);
  }

  /** All ends that are left. */
  end(): void {
    this.#endBefore(Infinity);
  }

  /** An operation that never completes does not keep its process from going on. */
  #giveUp({ operation }: Pending, line: number): void {
    const { process, f, input, end } = operation;
    if (end !== null) {
      throw this.#source.problem(
        `process ${String(process)} calls again before its operation that ends at ${String(end)}`,
        line,
      );
    }
    this.#reader.push(process, 'info', f, input, line);
  }

  #endBefore(rank: number): void {
    for (let first = this.#pending[0]; first !== undefined; first = this.#pending[0]) {
      const { operation, line } = first;
      if ((operation.end ?? Infinity) >= rank) return;
      this.#pop();
      const { process, type, f, input, output } = operation;
      if (this.#open.get(process) === first) this.#open.delete(process);
      const value = f === 'read' && type === 'ok' ? output : input;
      this.#reader.push(process, type, f, value, line);
    }
  }

  #push(pending: Pending): void {
    const heap = this.#pending;
    let at = heap.length;
    heap.push(pending);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Pending;
      if (endOf(above) <= endOf(pending)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = pending;
  }

  #pop(): void {
    const heap = this.#pending;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      const left = heap[child];
      if (left === undefined) break;
      let least = left;
      const right = heap[child + 1];
      if (right !== undefined && endOf(right) < endOf(left)) [child, least] = [child + 1, right];
      if (endOf(least) >= endOf(last)) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = last;
  }
}

function endOf({ operation }: Pending): number {
  return operation.end ?? Infinity;
}
