/** Anomalies of Kudu's own that were looked into (docs/kudu.md, docs/kudu-ddl.md). */
import type { KnownIssue } from '../../harness/known-issue.ts';

/** Kinds of faults that part a tablet's leader from its followers, or stop it. */
const SEPARATING: readonly string[] = [
  'partition-halves',
  'partition-one',
  'partition-leader',
  'partition-majorities-ring',
  'partition-bridge',
  'partition-one-way',
  'partition-random-graph',
  'partition-explicit',
  'partition-minority-third',
  'partition-swizzle',
  'partition-connections',
  'partition-reject',
  'partition-port',
  'pause',
];

/** What a server says when it is told of a time further ahead than --max_clock_sync_error_usec, 10 s unless told otherwise. */
const TOO_FAR_AHEAD =
  'Check failed: _s\\.ok\\(\\) Bad status: Invalid argument: tried to update clock beyond the error threshold of ';

/** Said by a leader master that has had no majority for --master_failover_catchup_timeout_ms, 30 s, since it was elected. */
const ALONE = 'Shutting down due to unavailability of other masters after election\\.';
/** A master that is started without the file of its catalog's Raft group. */
const NO_CONSENSUS_METADATA =
  'Unable to load consensus metadata for tablet \\w+: \\S+/consensus-meta/\\w+: No such file or directory';
const CLOCKS: readonly string[] = ['clock-jump', 'clock-strobe', 'clock-drift'];

export const KNOWN_ISSUES: readonly KnownIssue[] = [
  {
    issue: 'KUDU-1537',
    link: 'https://issues.apache.org/jira/browse/KUDU-1537',
    versions: [{ from: '1.9.0' }],
    anomalies: ['applied-but-failed'],
    mechanism: {
      explanation: 'ended fail \\(master/(2 ALREADY_PRESENT|3 NOT_FOUND|4 ALREADY_PRESENT)',
    },
    note:
      'DDL that is sent again is not known again: the second attempt is answered with what the first one did. Only the ' +
      'workload whose client resends, as Kudu’s do, can show it.',
  },
  {
    issue: 'kudu-create-stall',
    link: 'https://github.com/apache/kudu/blob/1.18.1/src/kudu/master/catalog_manager.cc',
    versions: [{ from: '1.9.0' }],
    anomalies: ['not-completed-in-time'],
    checker: 'creations-complete',
    mechanism: { log: 'was not created within the allowed timeout\\. Replacing with a new tablet' },
    note:
      'A tablet that the leader before never told a tablet server of is waited for during --tablet_creation_timeout_ms ' +
      '(30 s), and then replaced.',
  },
  {
    issue: 'KUDU-1188',
    link: 'https://issues.apache.org/jira/browse/KUDU-1188',
    versions: [{ from: '1.9.0' }],
    anomalies: [
      'snapshot-not-repeatable',
      'snapshot-misses-write',
      'broken-read-your-writes',
      'broken-monotonic-reads',
      'broken-session-guarantees',
    ],
    mechanism: { faults: SEPARATING },
    note:
      'The leader of a tablet has no lease: cut off or stopped, it serves reads at timestamps at which its successor has ' +
      'written. Seen with the old leader cut off from its followers and no write of its own under way.',
  },
  {
    issue: 'KUDU-3495',
    link: 'https://issues.apache.org/jira/browse/KUDU-3495',
    versions: [{ from: '1.9.0', to: '1.17.0' }],
    anomalies: ['lost-acknowledged-write'],
    checker: 'columns-kept',
    mechanism: { explanation: ' told absent, ' },
    note: 'An upsert through an older schema resets a column that was added since, without any fault.',
  },
  {
    issue: 'kudu-clock-ahead',
    link: 'https://kudu.apache.org/docs/troubleshooting.html#ntp',
    versions: [{ from: '1.12.0' }],
    anomalies: ['unexplained-death', 'failure-in-log'],
    checker: 'node-failures',
    mechanism: {
      explanation: ` exited with status 134 at |${TOO_FAR_AHEAD}`,
      log: TOO_FAR_AHEAD,
      faults: CLOCKS,
    },
    note:
      'A server whose clock was more than 10 s ahead ends those whose clocks are right: each that is to follow it (a ' +
      'CHECK in raft_consensus.cc), and itself when it is started again and finds its own times in its log ' +
      '(tablet_bootstrap.cc). Clocks must be synchronised, as is documented; but a majority dies of one that is not, and ' +
      'does so after that one was put right too, as times that were given out do not go back. Seen on 1.18.1; the message ' +
      'is in 1.12.0 and 1.17.1 too. Older versions run without wall clocks here.',
  },
  {
    issue: 'kudu-master-alone',
    link: 'https://github.com/apache/kudu/blob/1.18.1/src/kudu/master/catalog_manager.cc',
    versions: [{ from: '1.9.0' }],
    anomalies: ['unexplained-death', 'failure-in-log'],
    checker: 'node-failures',
    mechanism: {
      explanation: ` exited with status 134 at | ${ALONE}`,
      log: ALONE,
      faults: CLOCKS,
    },
    note:
      'A leader master that finds no majority for 30 s after its election aborts (`TODO: Abdicate instead`). Seen on 1.18.1 ' +
      'where both others had died of its clock, and were not started again: no fault of another kind lasts so long.',
  },
  {
    issue: 'KUDU-2195',
    link: 'https://issues.apache.org/jira/browse/KUDU-2195',
    versions: [{ from: '1.9.0' }],
    anomalies: ['unexplained-death'],
    checker: 'node-failures',
    mechanism: {
      explanation: ' exited with status 3 at ',
      log: NO_CONSENSUS_METADATA,
      faults: ['power-loss'],
    },
    note:
      'Consensus metadata (terms, votes, members) is not forced to disk unless --cmeta_force_fsync is set: a power loss takes ' +
      'the file of a young master, which cannot be started any more. The ticket takes ext4 for safe, as a rename implied ' +
      'the sync there; it keeps the order, and is itself lost with what the journal had not committed. Seen on 1.18.1.',
  },
];
