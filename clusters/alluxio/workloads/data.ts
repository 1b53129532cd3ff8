/**
 * Files are opened, written, held open, closed and read, by Alluxio's own Java client: streams that are open across a
 * failover commit their blocks to the new leader. A closed file is in every later list, and holds what was written.
 */
import { ownChecker } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { SECOND, type Invocation } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { workerObserver } from '../one/worker-observer.ts';
import { finalLists } from './metadata.ts';
import { ATOMIC } from './workers.ts';

const POLL_MS = 50;
/** One operation in so many lists all closed files. */
const LIST_SHARE = 20;
/** Each round of a thread opens a file, and closes and reads that of the round before: it is held as long as a round. */
const ROUND = ['open', 'close', 'read'] as const;

/** The workload `data`. */
export const data: WorkloadDefinition = {
  name: 'data',
  summary: 'files are written through streams that stay open for a while',
  make: makeData,
};

/** At this rate and concurrency a stream stays open for three times `concurrency / rate` seconds. */
export function makeData({ nodes, rate }: WorkloadOptions): Workload {
  return {
    name: 'data',
    generator: stagger(SECOND / rate, operate),
    finalGenerator: finalLists(nodes.length),
    checkers: [
      ownChecker('checkers/availability/exactly-once', 'checkExactlyOnce', {
        operations: ['close'],
        startsEmpty: true,
      }),
      ownChecker('checkers/linearizable-register', 'checkLinearizableRegister', {
        reads: ['read'],
        writes: ['close'],
        cas: [],
        keyed: true,
      }),
      ATOMIC,
    ],
    reads: ['read', 'list'],
    observers: [workerObserver(POLL_MS)],
  };
}

function operate(context: LeafContext): Invocation {
  const { thread, ordinal } = context;
  const f = ROUND[ordinal % ROUND.length] ?? 'open';
  const round = Math.floor(ordinal / ROUND.length);
  const nothingYet = f !== 'open' && round === 0;
  if (nothingYet || context.below(LIST_SHARE) === 0) return { f: 'list', value: null };
  const number = f === 'open' ? round + 1 : round;
  const name = `t${thread}-${number}`;
  return { f, value: [name, f === 'read' ? null : number] };
}
