/** What Alluxio's documentation promises, and lines in its log that are failures of their own. */
import type { FailurePattern, SystemPromise } from '../../harness/system.ts';

const FAULT_TOLERANCE =
  'https://docs.alluxio.io/os/user/1.8/en/deploy/Running-Alluxio-on-a-Cluster.html#fault-tolerance';
const JOURNAL = 'https://docs.alluxio.io/os/user/1.8/en/operation/Journal.html';
const ARCHITECTURE = 'https://docs.alluxio.io/os/user/1.8/en/Architecture-DataFlow.html';

export const PROMISES: readonly SystemPromise[] = [
  {
    operation: 'create, create-file, draft, rename, delete',
    promise:
      'The journal holds every change of metadata, so that no master’s loss loses any: a new leader replays it.',
    source: JOURNAL,
  },
  {
    operation: 'list',
    promise: 'At any time one master is the primary, and it alone serves; the others stand by.',
    source: FAULT_TOLERANCE,
  },
  {
    operation: 'close, read',
    promise:
      'Written with CACHE_THROUGH, a file is in the under store when its close returns; with MUST_CACHE it may be lost with its worker.',
    source: ARCHITECTURE,
  },
  {
    operation: 'workers, register, commit',
    promise: 'After a failover workers register with the new primary, with all they hold.',
    source: FAULT_TOLERANCE,
  },
];

/** In the format of java.ts: `12:00:00,000 LEVEL Class - message`, exceptions on lines of their own. */
export const FAILURE_PATTERNS: readonly FailurePattern[] = [
  { name: 'out of memory', pattern: 'java\\.lang\\.OutOfMemoryError' },
  { name: 'null pointer', pattern: '^(Caused by: )?java\\.lang\\.NullPointerException' },
  // A master that finds this gap does not start: what was acknowledged is gone from the journal.
  {
    name: 'entries missing in the journal',
    pattern: 'Journal entries are missing between sequence number',
    anomaly: 'journal-entries-lost',
  },
  {
    // What a standby reads while it is written may end early; only another writer leaves a hole.
    name: 'holes in the journal',
    pattern: 'Failed to read from journal: .* error: Protocol message contained an invalid tag',
    anomaly: 'journal-corrupt',
  },
  { name: 'JVM crash', pattern: 'A fatal error has been detected by the Java Runtime Environment' },
  {
    name: 'unexpected exception in a request',
    pattern: 'ERROR .* - Exit \\(Error\\)',
    suspicion: true,
  },
  { name: 'uncaught exception', pattern: '^Exception in thread "', suspicion: true },
];
