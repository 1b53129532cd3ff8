/** What random schedules may watch of an Alluxio cluster: the journal's files, the log lines of failover. */
import type { TriggerCatalogue } from '../../harness/system.ts';

const LOGS = '/shared/journal/FileSystemMaster/v1/logs';

/** Files as UfsJournal names them, `0x0-0x7fffffffffffffff` the open one; log lines as 1.8 prints them. */
export const CATALOGUE: TriggerCatalogue = {
  files: [{ directory: LOGS, name: '*-0x7fffffffffffffff' }],
  logLines: [
    'AbstractPrimarySelector - Primary selector transitioning to (PRIMARY|SECONDARY)',
    'AlluxioMasterProcess - (Secondary|Primary) (started|stopped)',
    'AbstractMaster - (Block|FileSystem)Master: Starting primary master',
    'DefaultBlockMaster - getWorkerId\\(\\)',
    'DefaultBlockMaster - registerWorker\\(\\)',
  ],
  acknowledgements: ['create', 'rename', 'delete', 'close'],
};
