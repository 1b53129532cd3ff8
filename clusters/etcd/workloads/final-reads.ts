/** What is read when everything is healed: on every member, linearizably, and then what each member holds. */
import type { GeneratorLike } from '../../../harness/generator.ts';
import { any } from '../../../harness/generators/any.ts';
import { giveUpAfter } from '../../../harness/generators/give-up-after.ts';
import { onThreads } from '../../../harness/generators/on-threads.ts';
import type { Invocation } from '../../../harness/operation.ts';

/** So many reads in a row without an answer, and a node is not asked for the rest. */
const UNANSWERED = 4;

const FINAL_STATE: Invocation = { f: 'final-state', value: null };

/**
 * `reads` one after another on one thread of every node (thread t talks to node t modulo their number), then
 * `final-state`. Nothing writes any more, so that nodes need not wait for each other. With fewer threads than nodes,
 * on as many nodes as there are threads.
 */
export function finalReads(nodes: number, reads: readonly Invocation[]): GeneratorLike {
  const invocations = [...reads, FINAL_STATE];
  return any(
    Array.from({ length: nodes }, (_, thread) =>
      onThreads([thread], giveUpAfter(UNANSWERED, invocations)),
    ),
  );
}
