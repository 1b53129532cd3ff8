/**
 * Backups beside metadata operations: begun one after another, polled on one connection; at the end their files are
 * read, and the newest is restored on a fresh master.
 */
import { type CheckerRef, ownChecker } from '../../../harness/checker.ts';
import type { GeneratorLike, LeafContext } from '../../../harness/generator.ts';
import { any } from '../../../harness/generators/any.ts';
import { giveUpAfter } from '../../../harness/generators/give-up-after.ts';
import { onThreads } from '../../../harness/generators/on-threads.ts';
import { delay, stagger } from '../../../harness/generators/pace.ts';
import { untilOk } from '../../../harness/generators/until-ok.ts';
import { MILLISECOND, SECOND, type Invocation } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { backups, type BackupPlan, POLLER, STARTER } from '../backup/backup-generator.ts';
import { ROOT } from '../backup/fill.ts';

/** How many backups' files are read at the end. */
const FILES_READ = 12;
/** How often the restored master is looked at, each time for as long as `restored` waits. */
const RESTORE_LOOKS = 14;
/** One directory in so many is removed again by the operation that follows. */
const REMOVED = 4;

/** Both kinds in turn; one in a while is asked for before the one before has ended. */
const PLAN: BackupPlan = {
  kind: (ordinal) => (ordinal % 3 === 2 ? 'local' : 'delegated'),
  gap: 500 * MILLISECOND,
  overlapAfter: 12 * SECOND,
  pollEvery: 20 * MILLISECOND,
  polled: 3,
};

export const backup: WorkloadDefinition = {
  name: 'backup',
  summary: 'directories made and removed while backups are begun, polled, and one restored (2.x)',
  make: (options) => backupWorkload(options, PLAN),
};

/** With a plan of one's own. */
export function backupWorkload(
  { rate }: Pick<WorkloadOptions, 'rate'>,
  plan: BackupPlan,
): Workload {
  const metadata = onThreads(
    (thread) => thread > STARTER,
    rate === 0 ? operate : stagger(SECOND / rate, operate),
  );
  return {
    name: 'backup',
    generator: any([backups(plan), metadata]),
    finalGenerator: onThreads([POLLER], READ_BACK),
    checkers: CHECKERS,
    reads: ['backup-status', 'backup-contents', 'restored', 'list'],
  };
}

/** A directory of its own each time; one in a while is removed by the next operation. */
function operate({ thread, ordinal }: LeafContext): Invocation {
  const removes = ordinal % REMOVED === REMOVED - 1;
  const path = `${ROOT}/${thread}-${removes ? ordinal - 1 : ordinal}`;
  return { f: removes ? 'delete' : 'create', value: path };
}

/** What is left in the end: the leader's view, every backup's contents, and the newest one restored. */
const READ_BACK: readonly GeneratorLike[] = [
  patiently({ f: 'list', value: ROOT }, 30),
  { f: 'backup-files', value: null },
  Array.from({ length: FILES_READ }, (_, index) => ({ f: 'backup-contents', value: -1 - index })),
  { f: 'restore', value: null },
  Array.from({ length: RESTORE_LOOKS }, () => ({ f: 'restored', value: null })),
];

/** Twice a second until it is answered. */
function patiently(invocation: Invocation, times: number): GeneratorLike {
  return untilOk(
    giveUpAfter(
      times,
      delay(SECOND / 2, () => invocation),
    ),
  );
}

const CHECKERS: readonly CheckerRef[] = [
  ownChecker('checkers/lifecycle/life-cycle', 'checkLifeCycle', {
    reports: ['backup', 'backup-status'],
  }),
  ownChecker('checkers/lifecycle/job-outcomes', 'checkJobOutcomes'),
  ownChecker('checkers/lifecycle/snapshot-contents', 'checkSnapshotContents'),
];
