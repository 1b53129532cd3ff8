/** What random schedules may watch of a ZooKeeper server: the files and log lines of elections, epochs and snapshots. */
import type { TriggerCatalogue } from '../../harness/system.ts';
import { DATA_FILES } from './node-plan.ts';

/** Files as QuorumPeer, FileTxnLog and FileSnap name them; log lines as 3.6 and later print them. */
export const CATALOGUE: TriggerCatalogue = {
  files: ['acceptedEpoch', 'currentEpoch', 'log.*', 'snapshot.*'].map((name) => ({
    directory: DATA_FILES,
    name,
  })),
  logLines: [
    'QuorumPeer - LOOKING',
    'QuorumPeer - FOLLOWING',
    'QuorumPeer - LEADING',
    'LEADER ELECTION TOOK',
    'Learner - Getting a diff from the leader',
    'Learner - Learner received NEWLEADER message',
    'Learner - Learner received UPTODATE message',
    'LearnerHandler - Synchronizing with Learner',
  ],
  acknowledgements: ['write', 'cas', 'add', 'create', 'join', 'leave', 'register'],
};
