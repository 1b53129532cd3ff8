/** What Kudu's documentation promises, and lines in its log that are failures of their own. */
import type { FailurePattern, SystemPromise } from '../../harness/system.ts';

const SEMANTICS = 'https://kudu.apache.org/docs/transaction_semantics.html';
/** Where the documentation says what READ_LATEST is. */
export const SCANS = `${SEMANTICS}#_scans`;
const READ_MODES =
  'https://kudu.apache.org/apidocs/org/apache/kudu/client/AsyncKuduScanner.ReadMode.html';

export const PROMISES: readonly SystemPromise[] = [
  {
    operation: 'write, add',
    promise:
      'A write to one row is atomic; what was acknowledged is on a majority of the replicas. With an identifier of the ' +
      'request it is done at most once, however often it is sent.',
    source: `${SEMANTICS}#_single_tablet_write_operations`,
  },
  {
    operation: 'read',
    promise:
      'READ_LATEST takes what the replica has at the moment of the scan and may be stale on any replica: no consistency ' +
      'is promised beyond “read committed”. (Leaders have no leases: KUDU-1188.)',
    source: SCANS,
  },
  {
    operation: 'snapshot-read',
    promise:
      'READ_AT_SNAPSHOT: consistent and repeatable reads at a timestamp; whoever reads at it, from whichever replica, ' +
      'sees all writes before it and none after.',
    source: READ_MODES,
  },
  {
    operation: 'session-read',
    promise:
      'READ_YOUR_WRITES: the snapshot is after everything that this client has written and read; reads never go back.',
    source: READ_MODES,
  },
  {
    operation: 'final-read',
    promise: 'A committed write is not lost while a majority of its replicas keeps its disks.',
    source: `${SEMANTICS}#_single_tablet_write_operations`,
  },
];

/** glog's lines: severity, date and time, thread, place. What follows a signal has no head of its own. */
export const FAILURE_PATTERNS: readonly FailurePattern[] = [
  { name: 'fatal', pattern: '^F\\d{4,8} [\\d:.]+ +\\d+ [a-z0-9_-]+\\.(cc|h):\\d+\\]' },
  { name: 'check failed', pattern: '\\bCheck failed: ' },
  { name: 'signal', pattern: '^\\*\\*\\* (SIG[A-Z]+|Aborted) ' },
  { name: 'sanitizer', pattern: 'ERROR: (Address|Thread|Leak)Sanitizer' },
  { name: 'corruption', pattern: '^[EF]\\d{4,8} .*\\bCorruption: ' },
];
