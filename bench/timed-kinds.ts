/** How kinds are timed that need to be told more than their name. */
import type { TimedKind } from './fault-schedule.ts';

/** etcd's write-ahead log until it holds 64 MB. */
const LOG = '/data/etcd/member/wal/0000000000000000-0000000000000000.wal';

export const TIMED_KINDS: Readonly<Record<string, TimedKind>> = {
  'partition-explicit': { parameters: { groups: [['n1'], ['n2', 'n3']] } },
  'drop-call': {
    selector: ['n1'],
    parameters: { from: 'n1', to: 'n2', port: 2380, length: [1, 1400], count: 1 },
  },
  'io-slow': { parameters: { path: LOG } },
  // The file is longer than what is written to it: the last bytes are of no use yet.
  'file-truncate': { selector: ['n1'], parameters: { file: LOG }, repeats: 1, alone: true },
  // A member without its data does not come back, and an upgraded one is not brought back.
  'disk-lost': { selector: ['n1'], repeats: 1, alone: true },
  upgrade: { selector: 'all', parameters: { version: '3.6.5' }, repeats: 1, alone: true },
  'jvm-hold': { system: 'zookeeper' },
  'jvm-delay': { system: 'zookeeper' },
  'jvm-throw': { system: 'zookeeper' },
};
