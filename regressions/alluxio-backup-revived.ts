/**
 * Alluxio's backup role (2.x): a backup that its leader gave up comes back to life.
 *
 * Cause (BackupLeaderRole.handleHeartbeatMessage, the same in 2.2.0 to 2.9.6): a heartbeat is written over the leader's
 * status of *the* backup, whichever it is of. A standby that was paused for longer than the abandon timeout and goes on
 * makes a backup that was told Failed Running again, and then Completed. If another backup was begun meanwhile, its
 * status is overwritten: asked for it, the leader answers that it knows no such backup (which the command line tells as
 * "Backup lost"), while it is being made.
 *
 * Schedule, black box: the standby that writes the backup is paused as its log says that it begins; the leader gives the
 * backup up after 3 s (its own default: 60 s); the standby goes on 0.3 s later (`resumed`), or in the moment in which a
 * second backup, a local one, was accepted (`second backup`). The same pause for 1 s is borne (`short pause`).
 *
 * `old timer`: the timer by which a leader gives a delegated backup up knows no backup either, and is not stopped when the
 * backup fails otherwise. The standby is killed as it writes; two backups of the leader's own complete; 3 s after the
 * first one began the latest of them is told Failed ("Backup timed out").
 *
 * No version without it is known; what must not hit is the same version without the fault's length.
 *
 * Not the anomaly: a backup that is Failed and stays so; `two-active-jobs` in the row of the second backup, which follows
 * from the same overwriting and is counted as well.
 */
import { BACKUP_LEADER_ROLE } from '../clusters/alluxio/known-issues.ts';
import { alluxio } from '../clusters/alluxio/system.ts';
import type { Trigger } from '../harness/nemesis.ts';
import { MILLISECOND, SECOND } from '../harness/operation.ts';
import {
  anyLog,
  BACKUP_CLUSTER,
  backupsInTurn,
  logOf,
  onWhoeverWorks,
  WORKS,
} from './alluxio-backup.ts';
import type { Regression } from './regression.ts';

const GIVEN_UP = anyLog('Abandoning the backup after not hearing');

export const alluxioBackupRevived: Regression = {
  ...BACKUP_CLUSTER,
  name: 'alluxio-backup-revived',
  title: 'a backup that was told Failed runs again and completes; another one’s status is lost',
  issue: BACKUP_LEADER_ROLE,
  seed: '001',
  system: alluxio,
  anomalies: ['terminal-state-changed'],
  rate: 0.9,
  attempts: 3,
  timeLimit: 14 * SECOND,
  rest: SECOND,
  workload: () => backupsInTurn(['delegated']),
  schedule: () => paused({ then: [GIVEN_UP, { after: 300 * MILLISECOND }] }),
  rows: [
    { name: '2.9.6 resumed', version: '2.9.6', expected: 'hit' },
    {
      name: '2.9.6 second backup',
      version: '2.9.6',
      expected: 'hit',
      anomalies: ['job-forgotten', 'two-active-jobs'],
      workload: () => backupsInTurn(['delegated', 'local']),
      schedule: () => paused({ then: [GIVEN_UP, { operation: { f: 'backup' } }] }),
    },
    {
      name: '2.9.6 old timer',
      version: '2.9.6',
      expected: 'hit',
      workload: () => backupsInTurn(['delegated', 'local', 'local']),
      schedule: () => onWhoeverWorks('kill', working, { after: 3 * SECOND }),
    },
    {
      name: '2.9.6 short pause',
      version: '2.9.6',
      expected: 'clean',
      anomalies: ['terminal-state-changed', 'job-forgotten', 'two-active-jobs'],
      schedule: () => paused({ after: SECOND }),
    },
  ],
  quick: ['2.9.6 resumed', '2.9.6 short pause'],
};

function paused(heal: Trigger): ReturnType<typeof onWhoeverWorks> {
  return onWhoeverWorks('pause', working, heal);
}

function working(master: string): Trigger {
  return logOf(master, WORKS);
}
