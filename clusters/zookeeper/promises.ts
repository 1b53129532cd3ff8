/** What ZooKeeper's documentation promises, and lines in its log that are failures of their own. */
import type { FailurePattern, SystemPromise } from '../../harness/system.ts';

const GUARANTEES =
  'https://zookeeper.apache.org/doc/r3.9.4/zookeeperProgrammers.html#ch_zkGuarantees';
const INTERNALS = 'https://zookeeper.apache.org/doc/r3.9.4/zookeeperInternals.html#sc_consistency';

export const PROMISES: readonly SystemPromise[] = [
  {
    operation: 'write, cas, add',
    promise:
      'Updates are atomic, linearizable, and once applied persist until overwritten; a client’s own are applied in order.',
    source: INTERNALS,
  },
  {
    operation: 'read',
    promise:
      'A plain read is answered by one server and may be stale; within a session the view never goes backwards.',
    source: GUARANTEES,
  },
  {
    operation: 'strict-read',
    promise:
      'A read after a write on one session sees that write and all before it. (sync then read is not promised ' +
      'linearizable: sync is not a quorum operation.)',
    source: INTERNALS,
  },
];

/** In the format of node-plan.ts: `12:00:00.000 [thread] LEVEL Class - message`. */
export const FAILURE_PATTERNS: readonly FailurePattern[] = [
  { name: 'out of memory', pattern: 'java\\.lang\\.OutOfMemoryError' },
  { name: 'uncaught exception', pattern: '^Exception in thread "' },
  {
    // Not of a lost connection: the threads of a follower that loses its leader die of it, and new ones take over.
    // Nor of ZOOKEEPER-4409: such a follower closes the socket under its SyncThread.
    name: 'critical thread died',
    pattern:
      'ZooKeeper(Critical)?Thread - (Severe unrecoverable error, |Exception occurr?ed )from thread' +
      '(?!.*(SendAckRequestProcessor\\.flush|java\\.net\\.Socket|Broken pipe|Connection reset))',
  },
  {
    // Of ZOOKEEPER-4394 alone: a follower that loses its leader meanwhile may log other ones.
    name: 'a follower failed while it joined',
    pattern:
      'Exception when following the leader java\\.lang\\.NullPointerException.*Learner\\.syncWithLeader',
    anomaly: 'follower-failed-joining',
  },
  { name: 'server gave up', pattern: 'QuorumPeerMain - Unexpected exception, exiting abnormally' },
  { name: 'data unreadable', pattern: 'QuorumPeer - Unable to load database on disk' },
  {
    // Seen once from a follower of 3.9.4 that had just joined, after which all replicas held the same: what counts is
    // what the replicas hold, and that is read and compared.
    name: 'digest mismatch',
    pattern: 'DataTree - (First digest mismatch on txn|Digests are not matching)',
    suspicion: true,
  },
  { name: 'JVM crash', pattern: 'A fatal error has been detected by the Java Runtime Environment' },
];
