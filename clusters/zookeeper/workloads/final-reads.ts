/** The end of a run: on each node, the whole state, then a strict read of every key that it tells of. */
import type { Generator, GeneratorLike } from '../../../harness/generator.ts';
import { eachThread } from '../../../harness/generators/each-thread.ts';
import { limit, repeat } from '../../../harness/generators/limit.ts';
import { onThreads } from '../../../harness/generators/on-threads.ts';
import { onUpdate } from '../../../harness/generators/on-update.ts';
import { untilOk } from '../../../harness/generators/until-ok.ts';
import type { Operation, Value } from '../../../harness/operation.ts';

/** A node that refuses is asked so often; the clients' back-off lies between. */
const MOST_ATTEMPTS = 8;

/**
 * On one thread a node (thread t talks to node t): `final-state` until it is answered.
 * @param afterwards what follows on that thread, from the answer. Default: nothing.
 */
export function finalReads(
  nodeCount: number,
  afterwards: (state: Value) => GeneratorLike = () => [],
): Generator {
  const state = untilOk(limit(MOST_ATTEMPTS, repeat({ f: 'final-state', value: null })));
  const follow = (generator: Generator, event: Operation): GeneratorLike =>
    event.type === 'ok' && event.f === 'final-state' ? afterwards(event.value) : generator;
  return onThreads((thread) => thread < nodeCount, eachThread(onUpdate(follow, state)));
}
