/** The end of a run: what is there is read from the leader, by one client of each master. */
import type { Generator, GeneratorLike } from '../../../harness/generator.ts';
import { eachThread } from '../../../harness/generators/each-thread.ts';
import { limit, repeat } from '../../../harness/generators/limit.ts';
import { onThreads } from '../../../harness/generators/on-threads.ts';
import { untilOk } from '../../../harness/generators/until-ok.ts';
import type { Value } from '../../../harness/operation.ts';

/** A server that refuses is asked so often; the clients' back-off lies between. */
const MOST_ATTEMPTS = 8;

/** On one thread a node (thread t talks to node t): a `final-read` of each of these until it is answered. */
export function finalReads(nodeCount: number, values: readonly Value[]): Generator {
  const reads: GeneratorLike = values.map((value) =>
    untilOk(limit(MOST_ATTEMPTS, repeat({ f: 'final-read', value }))),
  );
  return onThreads((thread) => thread < nodeCount, eachThread(reads));
}
