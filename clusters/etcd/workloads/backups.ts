/** Backups begin, are copied, and end; one at a time, and their states only move forward. */
import { type CheckerRef, ownChecker } from '../../../harness/checker.ts';
import type { LeafContext } from '../../../harness/generator.ts';
import { onThreads } from '../../../harness/generators/on-threads.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { SECOND, type Invocation } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';

const LIST: Invocation = { f: 'list', value: null };
/** Whoever was to finish a backup may be gone: one operation in so many ends the active one. */
const ABORT_SHARE = 12;

const CHECKERS: readonly CheckerRef[] = [
  ownChecker('checkers/lifecycle/life-cycle', 'checkLifeCycle', {
    reports: ['list', 'status'],
    order: ['started', 'copying', ['done', 'failed']],
    terminal: ['done', 'failed'],
    activeAtOnce: 'system',
  }),
];

/** Changes compare what they were made from. */
export const backups: WorkloadDefinition = {
  name: 'backups',
  summary: 'backups begin, are copied and end, one at a time',
  make: (options) => backupWorkload('backups', options),
};

/** Deliberately weak, to see the checkers reject a real cluster. */
export const backupsUnguarded: WorkloadDefinition = {
  name: 'backups-unguarded',
  summary: 'states read and then written: deliberately weak, expected to be invalid',
  weak: true,
  make: (options) => backupWorkload('backups-unguarded', options),
};

function backupWorkload(name: string, { nodes, rate }: WorkloadOptions): Workload {
  return {
    name,
    generator: stagger(SECOND / rate, operate),
    finalGenerator: onThreads((thread) => thread < nodes.length, [LIST]),
    checkers: CHECKERS,
    reads: ['list', 'status'],
  };
}

/** A thread takes one backup after another through its life; each third thread lists them. */
function operate(context: LeafContext): Invocation {
  const { thread, ordinal } = context;
  if (thread % 3 === 2) return LIST;
  if (context.below(ABORT_SHARE) === 0) return { f: 'abort', value: null };
  const step = ordinal % 4;
  const id = `b${thread}-${(ordinal - step) / 4}`;
  if (step === 0) return { f: 'begin', value: id };
  if (step === 3) return { f: 'status', value: id };
  return { f: 'advance', value: [id, step === 1 ? 'copying' : 'done'] };
}
