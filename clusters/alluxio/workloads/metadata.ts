/**
 * Directories and files are made, renamed, deleted and listed. What was acknowledged is in every later list, whoever
 * leads by then; what was refused is in none.
 */
import { ownChecker, type CheckerRef } from '../../../harness/checker.ts';
import type { Generator, GeneratorLike, LeafContext } from '../../../harness/generator.ts';
import { limit, repeat } from '../../../harness/generators/limit.ts';
import { onThreads } from '../../../harness/generators/on-threads.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { timeLimit } from '../../../harness/generators/time-limit.ts';
import { toGenerator } from '../../../harness/generators/to-generator.ts';
import { untilOk } from '../../../harness/generators/until-ok.ts';
import { SECOND, type Invocation, type Nanoseconds } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';

const LIST: Invocation = { f: 'list', value: null };
/** A thread's operations go through these in turn; a rename or a deletion takes the draft before it. */
const TURN = ['create', 'draft', 'rename', 'create-file', 'draft', 'delete'] as const;
/** One operation in so many lists all. */
const LIST_SHARE = 20;
/** A master that stands by refuses; the clients' back-off lies between. All in all some 30 s. */
const MOST_ATTEMPTS = 90;

/** What stays is never lost; and nothing happened that was refused, or twice. */
export const METADATA_CHECKERS: readonly CheckerRef[] = [
  ownChecker('checkers/availability/durability', 'checkDurability', {
    reads: ['list'],
    adds: ['create', 'create-file'],
  }),
  ownChecker('checkers/availability/exactly-once', 'checkExactlyOnce', {
    operations: ['create', 'create-file', 'draft', 'rename'],
    removals: ['rename', 'delete'],
    startsEmpty: true,
  }),
];

/** The workload `metadata`. */
export const metadata: WorkloadDefinition = {
  name: 'metadata',
  summary: 'directories and files are made, renamed, deleted and listed',
  make: makeMetadata,
};

function makeMetadata({ nodes, rate }: WorkloadOptions): Workload {
  return {
    name: 'metadata',
    generator: stagger(SECOND / rate, operate),
    finalGenerator: finalLists(nodes.length),
    checkers: METADATA_CHECKERS,
    reads: ['list'],
  };
}

/**
 * Directories alone are made, and listed: what is acknowledged stays.
 * @param quiet a time in which nothing is made: [begin, length]. Default: none
 */
export function creations(
  { nodes, rate }: WorkloadOptions,
  quiet?: readonly [Nanoseconds, Nanoseconds],
): Workload {
  const paced = (operation: GeneratorLike): Generator => stagger(SECOND / rate, operation);
  return {
    name: 'metadata',
    generator:
      quiet === undefined
        ? paced(create)
        : toGenerator([
            timeLimit(quiet[0], paced(create)),
            timeLimit(quiet[1], paced(repeat(LIST))),
            paced(create),
          ]),
    finalGenerator: finalLists(nodes.length),
    checkers: METADATA_CHECKERS,
    reads: ['list'],
  };
}

function create(context: LeafContext): Invocation {
  if (context.below(LIST_SHARE) === 0) return LIST;
  return { f: 'create', value: `t${context.thread}-${context.ordinal}` };
}

/** A list of whichever leads: asked for on all nodes until one answers. */
export function finalLists(nodeCount: number, list: Invocation = LIST): Generator {
  return onThreads((thread) => thread < nodeCount, untilOk(limit(MOST_ATTEMPTS, repeat(list))));
}

/** Each name is used once, but by what takes a draft away. */
function operate(context: LeafContext): Invocation {
  if (context.below(LIST_SHARE) === 0) return LIST;
  const { thread, ordinal } = context;
  const f = TURN[ordinal % TURN.length] ?? 'create';
  const name = `t${thread}-${ordinal}`;
  const draft = `t${thread}-${ordinal - 1}`;
  if (f === 'rename') return { f, value: { id: name, was: draft } };
  return { f, value: f === 'delete' ? draft : name };
}
