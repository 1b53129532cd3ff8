/** A history as operations, read for the validator alone: nothing here is shared with the engines. */
import type { Operation, Value } from '../../harness/operation.ts';

export interface RecordedOperation {
  /** Index of the invocation. */
  readonly call: number;
  /** Index of the `ok`; Infinity when it may have happened at any time from its call on, or never. */
  readonly end: number;
  /** It had no effect. */
  readonly failed: boolean;
  readonly process: number;
  readonly f: string;
  readonly input: Value;
  /** Undefined unless it completed (for a `fail`: the value that came with it). */
  readonly output: Value | undefined;
  /** Index of the completion of any type; Infinity when there was none. */
  readonly completion: number;
}

const known = new WeakMap<readonly Operation[], ReadonlyMap<number, RecordedOperation>>();

/** The operations by the index of their invocation, in order of invocation. Remembered for each history. */
export function recordedOperations(
  history: readonly Operation[],
): ReadonlyMap<number, RecordedOperation> {
  let operations = known.get(history);
  if (operations === undefined) known.set(history, (operations = readAll(history)));
  return operations;
}

function readAll(history: readonly Operation[]): Map<number, RecordedOperation> {
  const operations = new Map<number, RecordedOperation>();
  const outstanding = new Map<number, Operation>();
  for (const line of history) {
    const { index, process, type } = line;
    if (type === 'invoke') {
      outstanding.set(process, line);
      operations.set(index, openOperation(line));
      continue;
    }
    const invoke = outstanding.get(process);
    if (invoke === undefined) continue;
    outstanding.delete(process);
    const open = openOperation(invoke);
    if (type === 'info') operations.set(invoke.index, { ...open, completion: index });
    else {
      const failed = type === 'fail';
      const closed = { ...open, failed, output: line.value, end: index, completion: index };
      operations.set(invoke.index, closed);
    }
  }
  return operations;
}

function openOperation({ index, process, f, value }: Operation): RecordedOperation {
  return {
    call: index,
    end: Infinity,
    failed: false,
    process,
    f,
    input: value,
    output: undefined,
    completion: Infinity,
  };
}
