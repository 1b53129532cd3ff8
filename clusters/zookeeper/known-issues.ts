/** Failures of ZooKeeper's own that random faults found, looked into (docs/schedules.md). */
import type { KnownIssue } from '../../harness/known-issue.ts';

const FOUND = 'docs/schedules.md#what-random-faults-found-besides';
/** Kinds that end a server wherever it is. */
const SUDDEN_ENDS = ['kill', 'crash', 'process-kill', 'crash-loop', 'power-loss'];

const SNAPSHOT_LOST = {
  issue: 'zookeeper-first-snapshot-not-synced',
  link: FOUND,
  versions: [{ from: '3.9.4' }],
  note:
    'The first snapshot of a new server is never synced. A disk that loses what was not synced leaves transaction logs ' +
    'without one, and the server refuses to start.',
} as const;

const HEADER_MISSING = {
  issue: 'zookeeper-empty-transaction-log',
  link: FOUND,
  versions: [{ from: '3.8.0' }],
  note:
    'A server that ends between making a transaction log and writing its header finds an empty file, and does not start ' +
    'until somebody removes it.',
} as const;

/** By the log line of the server that gives up, and the fault that must have come before. */
export const KNOWN_ISSUES: readonly KnownIssue[] = [
  {
    ...SNAPSHOT_LOST,
    anomalies: ['failure-in-log'],
    mechanism: {
      explanation: 'No snapshot found, but there are log entries',
      faults: ['power-loss', 'fsync-lying', 'disk-lost'],
    },
  },
  {
    ...SNAPSHOT_LOST,
    anomalies: ['unexplained-death'],
    mechanism: {
      explanation: 'exited with status 1 ',
      log: 'No snapshot found, but there are log entries',
      faults: ['power-loss', 'fsync-lying', 'disk-lost'],
    },
  },
  {
    ...HEADER_MISSING,
    anomalies: ['failure-in-log'],
    mechanism: {
      explanation:
        '(Unable to load database on disk|Unexpected exception, exiting abnormally).*EOFException',
      log: 'persistence\\.FileHeader\\.deserialize',
      faults: SUDDEN_ENDS,
    },
  },
  {
    ...HEADER_MISSING,
    anomalies: ['unexplained-death'],
    mechanism: {
      explanation: 'exited with status 1 ',
      log: 'persistence\\.FileHeader\\.deserialize',
      faults: SUDDEN_ENDS,
    },
  },
  {
    issue: 'ZOOKEEPER-4394',
    link: 'https://issues.apache.org/jira/browse/ZOOKEEPER-4394',
    versions: [{ from: '3.8.0', to: '3.9.2' }],
    note: 'A follower that joins under load fails with a NullPointerException, and joins again. Found by its regression.',
    anomalies: ['follower-failed-joining'],
    mechanism: { explanation: 'Learner\\.syncWithLeader' },
  },
];
