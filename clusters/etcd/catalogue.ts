/** What random schedules may watch of an etcd member: its write-ahead log, its back-end file, its snapshots. */
import type { TriggerCatalogue } from '../../harness/system.ts';

/** Log lines as members print them at level `warn`. @param data the member's data directory */
export function catalogueOf(data: string): TriggerCatalogue {
  return {
    files: [
      { directory: `${data}/member/wal`, name: '*.wal' },
      { directory: `${data}/member/snap`, name: 'db' },
      { directory: `${data}/member/snap`, name: '*.snap' },
    ],
    logLines: [
      'lost TCP streaming connection with remote peer',
      'prober detected unhealthy status',
      'apply request took too long',
      'waiting for ReadIndex response took too long',
      'leader failed to send out heartbeat on time',
    ],
    acknowledgements: ['write', 'cas', 'add', 'txn', 'put', 'delete', 'begin', 'advance'],
  };
}
