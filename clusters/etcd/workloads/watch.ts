/** Keys are put and deleted, and watched by streams that are resumed where they ended. */
import { ownChecker } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { any } from '../../../harness/generators/any.ts';
import { onThreads } from '../../../harness/generators/on-threads.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { SECOND, type Invocation } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';

const KEYS = 8;
/** One change in so many is a delete. */
const DELETE_SHARE = 6;

/** Streams are resumed where they ended. */
export const watch: WorkloadDefinition = {
  name: 'watch',
  summary: 'changes of keys, and watches that are resumed where they ended',
  make: (options) => watchWorkload('watch', options),
};

/** Deliberately weak, to see the checker reject a real cluster. */
export const watchFromNow: WorkloadDefinition = {
  name: 'watch-from-now',
  summary: 'watches that go on with what comes next: deliberately weak, expected to be invalid',
  make: (options) => watchWorkload('watch-from-now', options),
};

function watchWorkload(name: string, { nodes, rate }: WorkloadOptions): Workload {
  const isWatcher = (thread: number): boolean => thread < nodes.length;
  return {
    name,
    generator: stagger(SECOND / rate, (context) =>
      isWatcher(context.thread) ? watchOf(context.thread) : changing(context),
    ),
    finalGenerator: any(
      nodes.map((_node, thread) => onThreads([thread], [watchOf(thread), watchOf(thread)])),
    ),
    checkers: [ownChecker('checkers/watch-streams', 'checkWatchStreams')],
    reads: ['watch'],
  };
}

/** A stream a thread, and so a member. */
function watchOf(thread: number): Invocation {
  return { f: 'watch', value: { stream: `s${thread}` } };
}

/** Each value is put once. */
function changing(context: LeafContext): Invocation {
  const key = `w/k${context.below(KEYS)}`;
  if (context.below(DELETE_SHARE, 1) === 0) return { f: 'delete', value: [key, null] };
  return { f: 'put', value: [key, context.ordinal * context.concurrency + context.thread] };
}
