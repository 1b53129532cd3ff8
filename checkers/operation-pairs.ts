/** Invocations with their completions. */
import type { Operation } from '../harness/operation.ts';
import { onceFor } from './once-for.ts';

export interface OperationPair {
  readonly invoke: Operation;
  /** Null when the run ended first: then it may have happened, as with `info`. */
  readonly completion: Operation | null;
}

/** Pairs each invocation with the next completion of its process; in order of invocation. */
export const pairOperations = onceFor((history: readonly Operation[]): readonly OperationPair[] => {
  const pairs: { invoke: Operation; completion: Operation | null }[] = [];
  const open = new Map<number, { invoke: Operation; completion: Operation | null }>();
  for (const operation of history) {
    if (operation.type === 'invoke') {
      const pair = { invoke: operation, completion: null };
      pairs.push(pair);
      open.set(operation.process, pair);
      continue;
    }
    const pair = open.get(operation.process);
    if (pair === undefined) {
      throw new Error(
        `history line ${String(operation.index)}: ${operation.type} of process ` +
          `${String(operation.process)}, which has nothing outstanding; expected an invoke first`,
      );
    }
    pair.completion = operation;
    open.delete(operation.process);
  }
  return pairs;
});

/** `ok` and `rejected` alone count as service. */
export function isService(operation: Operation): boolean {
  return operation.type === 'ok' || operation.error?.kind === 'rejected';
}

/** The indexes of these pairs in the history, ascending, each once. */
export function indexesOf(pairs: readonly OperationPair[]): number[] {
  const indexes = new Set<number>();
  for (const { invoke, completion } of pairs) {
    indexes.add(invoke.index);
    if (completion !== null) indexes.add(completion.index);
  }
  return [...indexes].sort((a, b) => a - b);
}

/** `#3–#7`: where the pair stands in the history; `#3–` when it never completed. */
export function placeOf({ invoke, completion }: OperationPair): string {
  return `#${String(invoke.index)}–${completion === null ? '' : `#${String(completion.index)}`}`;
}
