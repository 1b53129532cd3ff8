/**
 * Keys are put and deleted, and the store is compacted at a delete: from there on it must still be what it was. The delete
 * is told to whoever watches from the revision that was compacted, and revisions go on from it.
 */
import { ownChecker } from '../../../harness/checker.ts';
import type { GeneratorLike, LeafContext } from '../../../harness/generator.ts';
import { cycle, limit, once } from '../../../harness/generators/limit.ts';
import { onThreads } from '../../../harness/generators/on-threads.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { sleep } from '../../../harness/generators/sleep.ts';
import { toGenerator } from '../../../harness/generators/to-generator.ts';
import { SECOND, type Invocation, type Nanoseconds } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition } from '../../../harness/workload.ts';

const COMPACT: Invocation = { f: 'compact', value: null };
/** How long a watch is listened to: what it is asked for exists already. */
const LISTENING_MS = 200;
const STEPS = 5;

/** One thread writes, compacts and watches; the others write. */
export const compaction: WorkloadDefinition = {
  name: 'compaction',
  summary: 'keys are deleted, the store is compacted there, and watched from there on',
  make: ({ rate }) => compactionWorkload(stagger(SECOND / rate, operate)),
};

/**
 * One thread puts and deletes a key, waits until the store has that on disk, compacts it there, and changes nothing for a
 * while: a delete that the compaction lost was the last change that there was.
 */
export function compactionInRounds(settle: Nanoseconds, rest: Nanoseconds): Workload {
  const round = [once(put), once(remove), sleep(settle), COMPACT, sleep(rest), limit(3, watch)];
  return compactionWorkload(onThreads([0], cycle(round)));
}

function compactionWorkload(generator: GeneratorLike): Workload {
  return {
    name: 'compaction',
    generator: toGenerator(generator),
    finalGenerator: onThreads([0], [once(put), once(watch)]),
    checkers: [ownChecker('checkers/watch-streams', 'checkWatchStreams')],
    reads: ['watch'],
  };
}

function operate(context: LeafContext): Invocation {
  const { thread, ordinal } = context;
  if (thread > 0) return ordinal % 2 === 0 ? put(context) : remove(context);
  const steps = [put, remove, put, () => COMPACT, watch];
  return (steps[ordinal % STEPS] ?? put)(context);
}

/** Each value is put once. */
function put({ thread, ordinal, concurrency }: LeafContext): Invocation {
  return { f: 'put', value: [`w/k${thread}`, ordinal * concurrency + thread] };
}

function remove({ thread }: LeafContext): Invocation {
  return { f: 'delete', value: [`w/k${thread}`, null] };
}

function watch({ thread }: LeafContext): Invocation {
  return {
    f: 'watch',
    value: { stream: `c${thread}`, from: 'compaction', forMs: LISTENING_MS },
  };
}
