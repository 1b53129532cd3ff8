/** Objects are created once each by name: one whose creation was refused is not there, and no other is missing. */
import { type CheckerRef, ownChecker } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { onThreads } from '../../../harness/generators/on-threads.ts';
import { SECOND, type Invocation } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';

const LIST: Invocation = { f: 'list', value: null };
/** One operation in so many lists all objects. */
const LIST_SHARE = 40;

const CHECKERS: readonly CheckerRef[] = [
  ownChecker('checkers/availability/exactly-once', 'checkExactlyOnce', { startsEmpty: true }),
];

/** Creations whose outcome is not known stay so. */
export const creation: WorkloadDefinition = {
  name: 'creation',
  summary: 'objects are created by name and listed; a refused creation has no effect',
  make: (options) => creationWorkload('creation', options),
};

/** Deliberately weak, to see the checkers reject a real cluster. */
export const creationRetried: WorkloadDefinition = {
  name: 'creation-retried',
  summary: 'creations are sent again when unanswered: deliberately weak, expected to be invalid',
  weak: true,
  make: (options) => creationWorkload('creation-retried', options),
};

function creationWorkload(name: string, options: WorkloadOptions): Workload {
  const { nodes, rate } = options;
  return {
    name,
    generator: stagger(SECOND / rate, operate),
    finalGenerator: onThreads((thread) => thread < nodes.length, [LIST, LIST]),
    checkers: CHECKERS,
    reads: ['list'],
  };
}

/** Each name is used once. */
function operate(context: LeafContext): Invocation {
  if (context.below(LIST_SHARE) === 0) return LIST;
  return { f: 'create', value: `o${context.thread}-${context.ordinal}` };
}
