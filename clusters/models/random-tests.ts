/** All models with their tests, which of their versions are right, and which are wrong. */
import type { TestSpec } from '../../harness/test.ts';
import * as backup from '../backup-model/random-test.ts';
import * as join from '../corosync/random-test.ts';
import * as kuduMaster from '../kudu-master-model/random-test.ts';
import * as primaryBackup from '../primary-backup/random-test.ts';
import * as registration from '../registration-model/random-test.ts';
import * as zookeeperSync from '../zookeeper-sync-model/random-test.ts';
import type { RandomTestOptions } from './model-test.ts';

export interface ModelTests {
  readonly name: string;
  readonly randomTest: (options: RandomTestOptions) => TestSpec;
  /** Never to be accused. Each with the workload of its runs. */
  readonly correct: readonly Variant[];
  /** To be found. */
  readonly defective: readonly Variant[];
}

/** A version under one workload. */
export interface Variant {
  readonly version: string;
  readonly workload: string;
}

const under =
  (workload: string) =>
  (version: string): Variant => ({ version, workload });

export const MODELS: readonly ModelTests[] = [
  {
    name: 'registration-model',
    randomTest: registration.randomTest,
    correct: ['correct'].map(under('blocks')),
    defective: ['two-step'].map(under('blocks')),
  },
  {
    name: 'backup-model',
    randomTest: backup.randomTest,
    correct: ['correct'].map(under('backups')),
    defective: ['heartbeat-without-id', 'stale-connection', 'timer-after-end', 'as-released'].map(
      under('backups'),
    ),
  },
  {
    name: 'kudu-master-model',
    randomTest: kuduMaster.randomTest,
    correct: ['correct'].map(under('alter')),
    // None of the ticket's solutions is enough alone: docs/models.md.
    defective: [
      'soft-state-lost',
      'full-report-to-new-leader',
      'hard-state-leader',
      'heartbeat-all-masters',
      'persisted-tablet-servers',
    ].map(under('alter')),
  },
  {
    name: 'zookeeper-sync-model',
    randomTest: zookeeperSync.randomTest,
    correct: ['register', 'set'].map((workload) => ({ version: 'correct', workload })),
    defective: ['ack-order', 'epoch-before-log'].map(under('set')),
  },
  {
    name: 'sheepdog-join',
    randomTest: join.randomTest,
    correct: ['with-quorum'].map(under('join')),
    defective: ['before-0.4'].map(under('join')),
  },
  {
    name: 'primary-backup',
    randomTest: primaryBackup.randomTest,
    correct: ['register', 'set'].map((workload) => ({ version: 'correct', workload })),
    defective: ['acks-before-replication', 'stale-reads', 'forgets-on-restart'].map(
      under('register'),
    ),
  },
];
