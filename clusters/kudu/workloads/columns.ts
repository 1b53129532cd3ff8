/**
 * A column that was added to a table, written by clients that know of it, and rows of the table written by clients that do
 * not: what the former wrote and had acknowledged is there at the end.
 */
import { type CheckerRef, ownChecker } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { limit, repeat } from '../../../harness/generators/limit.ts';
import { onThreads } from '../../../harness/generators/on-threads.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { untilOk } from '../../../harness/generators/until-ok.ts';
import { SECOND, type Invocation, type Value } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { finalReads } from './final-reads.ts';

const ROWS = 60;
const MOST_ATTEMPTS = 20;
const WIDEN: Invocation = { f: 'widen', value: null };

/** Named for what it judges here: rows that are lost are another matter. */
const COLUMNS_KEPT: CheckerRef = {
  ...ownChecker('checkers/availability/durability', 'checkDurability', {
    reads: ['final-read'],
    keyed: true,
  }),
  name: 'columns-kept',
};

/** The workload `columns`. */
export const columns: WorkloadDefinition = {
  name: 'columns',
  summary: 'an added column keeps its values while clients that do not know of it write the rows',
  make: makeColumns,
};

function makeColumns({ rate }: WorkloadOptions): Workload {
  return {
    name: 'columns',
    generator: [
      onThreads([0], untilOk(limit(MOST_ATTEMPTS, repeat(WIDEN)))),
      stagger(SECOND / rate, writeAndTouch),
    ],
    // All of it from one leader, by one client.
    finalGenerator: finalReads(
      1,
      Array.from({ length: ROWS }, (_, key): Value => [key, null]),
    ),
    checkers: [COLUMNS_KEPT],
    reads: ['final-read'],
  };
}

/** Each thread has rows of its own; of two operations the first writes the column, the second the row without it. */
function writeAndTouch({ ordinal, concurrency, thread }: LeafContext): Invocation {
  const own = Math.max(1, Math.floor(ROWS / concurrency));
  const key = (Math.floor(ordinal / 2) % own) * concurrency + thread;
  const f = ordinal % 2 === 0 ? 'write' : 'touch';
  return { f, value: [key % ROWS, ordinal * concurrency + thread + 1] };
}
