/**
 * What Alluxio's backup role (2.x) must stand, and does: the loss of the standby that writes a backup, and of the leader.
 *
 * - `worker killed`: the standby that writes a backup is killed as it begins. The backup is told Failed within 15 s (by
 *   the end of its connection, in fact: milliseconds), no file is marked complete for it, and the next backup, of the
 *   leader's own, completes. With Alluxio's own abandon timeout of a minute, as the dead backup's timer goes on and
 *   fails whatever backup is the latest when it ends (alluxio-backup-revived, `old timer`).
 * - `leader killed`: the leader is killed as a standby writes a backup for it. Its successor does not know that backup
 *   (its state was in memory only: no anomaly), and grants a new one within 60 s: standbys have to connect first, and it
 *   answers "No master found to delegate backup." until then. What the new one holds is judged against all that was
 *   acknowledged, by either leader, and restored on a fresh master.
 */
import { BACKUP_LEADER_ROLE } from '../clusters/alluxio/known-issues.ts';
import { alluxio } from '../clusters/alluxio/system.ts';
import type { FaultStep } from '../harness/nemesis.ts';
import { SECOND } from '../harness/operation.ts';
import {
  anyLog,
  BACKUP_CLUSTER,
  backupsInTurn,
  logOf,
  onWhoeverWorks,
  WORKS,
} from './alluxio-backup.ts';
import type { Regression } from './regression.ts';

export const alluxioBackupGood: Regression = {
  ...BACKUP_CLUSTER,
  name: 'alluxio-backup-good',
  title: 'backups stand the loss of their worker and of their leader',
  issue: BACKUP_LEADER_ROLE,
  seed: '001',
  system: alluxio,
  anomalies: [
    ...['job-outlives-its-maker', 'no-job-after-failover', 'failed-with-a-bystander'],
    ...['terminal-state-changed', 'state-went-back', 'job-forgotten', 'two-active-jobs'],
    ...['missing-from-backup', 'not-of-the-backups-time', 'restored-otherwise'],
    ...['completed-without-a-file', 'failed-backup-marked-complete'],
  ],
  rate: 1,
  attempts: 3,
  timeLimit: 14 * SECOND,
  rest: 2 * SECOND,
  workload: () => backupsInTurn(['delegated', 'local', 'local']),
  schedule: () => onWhoeverWorks('kill', (master) => logOf(master, WORKS), { after: 3 * SECOND }),
  rows: [
    {
      name: '2.9.6 worker killed',
      version: '2.9.6',
      expected: 'clean',
      extra: { ...BACKUP_CLUSTER.extra, abandonMs: '60000' },
    },
    {
      name: '2.9.6 leader killed',
      version: '2.9.6',
      expected: 'clean',
      timeLimit: 60 * SECOND,
      rest: 12 * SECOND,
      workload: () => backupsInTurn(Array.from({ length: 40 }, () => 'delegated')),
      schedule: leaderKilled,
    },
  ],
  quick: ['2.9.6 worker killed'],
};

function leaderKilled(): readonly FaultStep[] {
  const trigger = anyLog(WORKS);
  const heal = { after: 8 * SECOND };
  return [
    { id: 'leader', lane: 'leader', kind: 'kill', selector: 'leader', trigger, heal, draw: 0 },
  ];
}
