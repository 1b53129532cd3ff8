/** What random schedules may watch of a Kudu server: the files and log lines of elections, registrations and flushes. */
import type { TriggerCatalogue } from '../../harness/system.ts';
import { DATA } from './node-plan.ts';

/** Files as fs_manager.cc names them; log lines as 1.9 to 1.18 print them. */
export const CATALOGUE: TriggerCatalogue = {
  files: ['consensus-meta', 'tablet-meta'].map((folder) => ({
    directory: `${DATA}/wal/${folder}`,
    name: '*',
  })),
  logLines: [
    'Becoming Leader. State',
    'Becoming Follower/Learner. State',
    'Starting pre-election',
    'Leader (pre-)?election won for term',
    'This master.s current role is: LEADER',
    'Registered new tserver with Master',
    'was elected leader, sending a full tablet report',
    'Loading table and tablet metadata into memory',
  ],
  acknowledgements: [
    'write',
    'write-anew',
    'add',
    'add-once',
    'insert',
    'create',
    'alter',
    'rename',
    'delete',
  ],
};
