/** Anomalies of Alluxio's own that were looked into (docs/alluxio.md). */
import type { KnownIssue } from '../../harness/known-issue.ts';

const REGISTRATION = {
  issue: 'ALLUXIO-3299',
  link: 'https://github.com/Alluxio/alluxio/pull/7780',
  versions: [{ to: '1.8.0' }],
  note: 'A worker is in service between the two calls of its registration, and blocks that are committed then fail.',
} as const;

const OLD_PRIMARY = {
  issue: 'alluxio-11415',
  link: 'https://github.com/Alluxio/alluxio/issues/11415',
  note:
    'A leader that was stopped for longer than its session goes on writing to the shared journal: entries of its own or ' +
    'of its successor are lost. The fix of 2.3.0 does not close the gap.',
} as const;

/** The class that is to blame: the project's tracker has no issue for what it does wrong. */
export const BACKUP_LEADER_ROLE =
  'https://github.com/Alluxio/alluxio/blob/v2.9.6/core/server/master/src/main/java/alluxio/master/backup/BackupLeaderRole.java';

export const KNOWN_ISSUES: readonly KnownIssue[] = [
  {
    ...REGISTRATION,
    anomalies: ['partial-registration'],
    mechanism: { explanation: 'capacityBytes: 0 instead of' },
  },
  {
    ...REGISTRATION,
    anomalies: ['failure-in-log'],
    mechanism: { explanation: 'null pointer', log: 'MasterWorkerInfo\\.updateUsedBytes' },
  },
  {
    issue: 'alluxio-open-streams',
    link: 'https://github.com/Alluxio/alluxio/blob/v1.8.1/core/server/master/src/main/java/alluxio/master/file/DefaultFileSystemMaster.java',
    versions: [{ to: '1.8.1' }],
    anomalies: ['lost-acknowledged-write'],
    checker: 'linearizable-register',
    mechanism: {
      explanation: 'read absent',
      faults: ['kill', 'crash', 'pause', 'restart', 'rolling-restart', 'partition-leader'],
    },
    note: 'The blocks of a file that is not completed are in the leader’s memory alone: closed after a failover, it is empty.',
  },
  {
    ...OLD_PRIMARY,
    versions: [{ from: '1.7.1' }],
    anomalies: ['lost-acknowledged-write', 'acknowledged-not-applied'],
    mechanism: { explanation: 'create', faults: ['pause', 'container-pause'] },
  },
  {
    ...OLD_PRIMARY,
    versions: [{ from: '1.7.1' }],
    anomalies: ['unexplained-death'],
    mechanism: { log: 'Failed to downgrade journal to secondary' },
  },
  {
    ...OLD_PRIMARY,
    versions: [{ from: '1.7.1' }],
    anomalies: ['journal-entries-lost', 'journal-corrupt'],
    mechanism: { faults: ['pause', 'container-pause'] },
  },
  {
    issue: 'alluxio-raft-failed-write',
    link: 'https://github.com/apache/ratis/blob/master/ratis-server/src/main/java/org/apache/ratis/server/raftlog/segmented/SegmentedRaftLogWorker.java',
    versions: [{ from: '2.9.6' }],
    anomalies: ['lost-acknowledged-write', 'acknowledged-not-applied'],
    mechanism: {
      log: 'Log already failed at index',
      faults: ['disk-read-only', 'disk-full', 'disk-lost', 'io-error'],
    },
    note:
      'Embedded journal: a standby whose disk failed an entry still counts for it. The leading master commits and ' +
      'acknowledges what is on its own disk alone, and a restart of both forgets it.',
  },
  {
    issue: 'alluxio-backup-revived',
    link: BACKUP_LEADER_ROLE,
    versions: [{ from: '2.2.0' }],
    anomalies: [
      'terminal-state-changed',
      'job-forgotten',
      'two-active-jobs',
      'failed-backup-marked-complete',
    ],
    mechanism: { log: 'Abandoning the backup after not hearing for' },
    note:
      'Heartbeats and the timer that gives a backup up do not look at which backup they are of: one that was given up goes ' +
      'on, replaces another, or its timer fails another that is complete.',
  },
  {
    issue: 'alluxio-backup-bystander',
    link: BACKUP_LEADER_ROLE,
    versions: [{ from: '2.2.0' }],
    anomalies: [
      'failed-with-a-bystander',
      'terminal-state-changed',
      'failed-backup-marked-complete',
    ],
    mechanism: { log: 'Abandoning current backup as backup-worker' },
    note: 'The connection of whoever made the last backup is remembered: when it ends, an unrelated backup is told Failed.',
  },
];
