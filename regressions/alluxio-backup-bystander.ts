/**
 * Alluxio's backup role (2.x): the loss of a master that had made an earlier backup fails a later one, which it has
 * nothing to do with, and which then completes.
 *
 * Cause (BackupLeaderRole, the same in 2.2.0 to 2.9.6): the connection of the standby that made a backup is remembered
 * after the backup has completed. When that connection ends, whatever backup is under way is told Failed
 * ("Backup-worker is lost."), even one that the leader makes by itself; its task goes on, and tells Completed in the end.
 *
 * Schedule, black box: a standby makes a backup; then the leader makes one itself; as the request for it is accepted, the
 * standby is killed. Killed before the second backup is asked for (`in between`), nothing goes wrong.
 *
 * No version without it is known; what must not hit is the same version with the kill at another time.
 *
 * Not the anomaly by itself: `terminal-state-changed`, Failed and then Completed, which follows here and has other
 * causes too (alluxio-backup-revived).
 */
import { BACKUP_LEADER_ROLE } from '../clusters/alluxio/known-issues.ts';
import { alluxio } from '../clusters/alluxio/system.ts';
import type { Trigger } from '../harness/nemesis.ts';
import { SECOND } from '../harness/operation.ts';
import {
  BACKUP_CLUSTER,
  backupsInTurn,
  HAS_WRITTEN,
  logOf,
  onWhoeverWorks,
  WORKS,
} from './alluxio-backup.ts';
import type { Regression } from './regression.ts';

export const alluxioBackupBystander: Regression = {
  ...BACKUP_CLUSTER,
  name: 'alluxio-backup-bystander',
  title: 'a finished backup’s worker is lost, and a backup of the leader’s own is told Failed',
  issue: BACKUP_LEADER_ROLE,
  seed: '001',
  system: alluxio,
  anomalies: ['failed-with-a-bystander'],
  rate: 0.9,
  attempts: 3,
  timeLimit: 12 * SECOND,
  rest: SECOND,
  workload: () => backupsInTurn(['delegated', 'local'], 1),
  schedule: () =>
    onWhoeverWorks(
      'kill',
      (master) => ({ then: [hasWritten(master), { operation: { f: 'backup' } }] }),
      { after: 2 * SECOND },
    ),
  rows: [
    { name: '2.9.6', version: '2.9.6', expected: 'hit' },
    {
      name: '2.9.6 in between',
      version: '2.9.6',
      expected: 'clean',
      schedule: () => onWhoeverWorks('kill', hasWritten, { after: 2 * SECOND }),
    },
  ],
  quick: ['2.9.6', '2.9.6 in between'],
};

/** As a standby: a leader that makes a backup itself says that it has, and not that it begins. */
function hasWritten(master: string): Trigger {
  return { then: [logOf(master, WORKS), logOf(master, HAS_WRITTEN)] };
}
