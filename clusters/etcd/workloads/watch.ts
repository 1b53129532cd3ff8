/** Keys are put and deleted, and watched by streams that are resumed where they ended. */
import { ownChecker } from '../../../harness/checker.ts';
import type { Generator, LeafContext } from '../../../harness/generator.ts';
import { any } from '../../../harness/generators/any.ts';
import { limit } from '../../../harness/generators/limit.ts';
import { onThreads } from '../../../harness/generators/on-threads.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { timeLimit } from '../../../harness/generators/time-limit.ts';
import {
  MILLISECOND,
  SECOND,
  type Invocation,
  type Nanoseconds,
} from '../../../harness/operation.ts';
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
  weak: true,
  make: (options) => watchWorkload('watch-from-now', options),
};

/** After a run that is nothing but one long fault: enough that the cluster is seen to serve again. */
const LAST_WATCHES = 5;

/** Load that leaves a member which is cut off behind what the others keep for it: it must be sent a snapshot. */
export interface BacklogTimes {
  /** Few changes until then. */
  readonly calm: Nanoseconds;
  /** Changes as fast as the clients can, that many. */
  readonly backlog: number;
  /** How long the first watch of each stream is listened to at most. */
  readonly listening: Nanoseconds;
}

/**
 * The first watch of each stream lasts until the backlog was told, so that it is under way when its member is cut off
 * and when it is sent a snapshot. `rate` is that of the changes before and after the backlog.
 */
export function watchThroughSnapshot(options: WorkloadOptions, times: BacklogTimes): Workload {
  const { nodes, concurrency, rate } = options;
  const light = stagger(SECOND / rate, changing);
  const first = (thread: number): Invocation => ({
    f: 'watch',
    value: {
      stream: `s${thread}`,
      forMs: times.listening / MILLISECOND,
      enough: Math.floor(times.backlog / 2),
    },
  });
  const watchers = nodes.map((_node, thread) =>
    onThreads([thread], [first(thread), () => watchOf(thread)]),
  );
  const writing = Array.from({ length: concurrency - nodes.length }, (_, at) => at + nodes.length);
  const writers = onThreads(writing, [
    timeLimit(times.calm, light),
    limit(times.backlog, changing),
    light,
  ]);
  return {
    ...watchWorkload('watch', options),
    generator: any([...watchers, writers]),
    finalGenerator: lastWatches(nodes.length, LAST_WATCHES),
  };
}

function watchWorkload(name: string, { nodes, rate }: WorkloadOptions): Workload {
  const isWatcher = (thread: number): boolean => thread < nodes.length;
  return {
    name,
    generator: stagger(SECOND / rate, (context) =>
      isWatcher(context.thread) ? watchOf(context.thread) : changing(context),
    ),
    finalGenerator: lastWatches(nodes.length, 2),
    checkers: [ownChecker('checkers/watch-streams', 'checkWatchStreams')],
    reads: ['watch'],
  };
}

/** So many of each stream, one after another. */
function lastWatches(streams: number, count: number): Generator {
  const each = Array.from({ length: streams }, (_, thread) =>
    onThreads(
      [thread],
      limit(count, () => watchOf(thread)),
    ),
  );
  return any(each);
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
