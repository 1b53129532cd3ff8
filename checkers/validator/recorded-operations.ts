/** A history as operations, read for the validator alone: nothing here is shared with the engines. */
import type { Operation, Value } from '../../harness/operation.ts';

export interface RecordedOperation {
  /** Index of the invocation; -1 when it was not recorded. */
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

/** The operations by the index of their invocation (or, if that is not recorded, completion), in order of the lines. Remembered for each history. */
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
    const open = openOperation(outstanding.get(process) ?? unrecorded(line));
    outstanding.delete(process);
    // An invocation that was not recorded came at some time before: its completion names the operation.
    const name = open.call === UNRECORDED ? index : open.call;
    if (type === 'info') operations.set(name, { ...open, completion: index });
    else {
      const failed = type === 'fail';
      const closed = { ...open, failed, output: line.value, end: index, completion: index };
      operations.set(name, closed);
    }
  }
  return operations;
}

/** Before every line. */
const UNRECORDED = -1;

function unrecorded(completion: Operation): Operation {
  return { ...completion, index: UNRECORDED };
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
