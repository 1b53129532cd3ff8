/** The tables behind consistency-models.ts. */

type Table = Readonly<Record<string, readonly string[]>>;

/** Friendly names of models that have a canonical one, most of them Adya's. Of two friendly ones the later is shown. */
export const MODEL_NAMES: Readonly<Record<string, string>> = {
  'consistent-view': 'PL-2+',
  'conflict-serializable': 'PL-3',
  'cursor-stability': 'PL-CS',
  'forward-consistent-view': 'PL-FCV',
  'monotonic-snapshot-read': 'PL-MSR',
  'monotonic-view': 'PL-2L',
  'read-committed': 'PL-2',
  'read-uncommitted': 'PL-1',
  'repeatable-read': 'PL-2.99',
  serializable: 'PL-3',
  'snapshot-isolation': 'PL-SI',
  'strict-serializable': 'PL-SS',
  'strong-serializable': 'PL-SS',
  'update-serializable': 'PL-3U',
  'strong-session-read-uncommitted': 'strong-session-PL-1',
  'strong-session-read-committed': 'strong-session-PL-2',
  'strong-read-uncommitted': 'strong-PL-1',
  'strong-read-committed': 'strong-PL-2',
};

/** A history that satisfies the model also satisfies these. */
export const WEAKER_MODELS: Table = {
  'strict-serializable': [
    'serializable',
    'linearizable',
    'snapshot-isolation',
    'strong-snapshot-isolation',
    'strong-session-serializable',
    'session-serializable',
  ],
  'strong-session-serializable': ['serializable', 'strong-session-snapshot-isolation'],
  serializable: [
    'repeatable-read',
    'update-serializable',
    'snapshot-isolation',
    'view-serializable',
  ],
  'session-serializable': ['1SR'],
  'strong-snapshot-isolation': ['strong-session-snapshot-isolation', 'strong-PL-2'],
  'strong-session-snapshot-isolation': ['snapshot-isolation', 'strong-session-PL-2'],
  'snapshot-isolation': [
    'forward-consistent-view',
    'monotonic-atomic-view',
    'monotonic-snapshot-read',
    'parallel-snapshot-isolation',
    'prefix',
  ],
  'parallel-snapshot-isolation': ['causal-cerone', 'update-atomic'],
  prefix: ['causal-cerone'],
  'causal-cerone': ['read-atomic'],
  'update-atomic': ['read-atomic'],
  'read-atomic': ['monotonic-atomic-view'],
  'repeatable-read': ['cursor-stability', 'monotonic-atomic-view'],
  'update-serializable': ['forward-consistent-view'],
  'forward-consistent-view': ['consistent-view'],
  'consistent-view': ['cursor-stability', 'monotonic-view'],
  'cursor-stability': ['read-committed'],
  'monotonic-view': ['read-committed'],
  'monotonic-snapshot-read': ['read-committed'],
  'monotonic-atomic-view': ['read-committed'],
  'read-committed': ['read-uncommitted'],
  'strong-PL-2': ['strong-session-PL-2', 'strong-PL-1'],
  'strong-PL-1': ['strong-session-PL-1'],
  'strong-session-PL-2': ['read-committed', 'strong-session-PL-1'],
  'strong-session-PL-1': ['read-uncommitted'],
  linearizable: ['sequential'],
  sequential: ['causal'],
  causal: ['writes-follow-reads', 'PRAM'],
  PRAM: ['monotonic-reads', 'monotonic-writes', 'read-your-writes'],
};

/** The anomalies a model forbids beyond those that weaker models forbid. */
export const PROSCRIBED: Table = {
  'read-uncommitted': ['G0', 'duplicate-elements', 'cyclic-versions', 'PL-1-cycle-exists'],
  'read-committed': ['G1', 'PL-2-cycle-exists'],
  'cursor-stability': ['G1', 'G-cursor', 'lost-update'],
  'monotonic-view': ['G1', 'G-monotonic'],
  'monotonic-snapshot-read': ['G1', 'G-MSR'],
  'consistent-view': ['G1', 'G-single'],
  'forward-consistent-view': ['G1', 'G-SIb'],
  'update-serializable': ['G1', 'G-update'],
  'read-atomic': ['internal', 'G1a', 'future-read'],
  'update-atomic': ['lost-update'],
  'causal-cerone': ['internal', 'G1a'],
  'parallel-snapshot-isolation': ['internal', 'G1a'],
  prefix: ['internal', 'G1a'],
  'snapshot-isolation': ['internal', 'G1', 'G-SI', 'G-nonadjacent', 'PL-SI-cycle-exists'],
  'repeatable-read': ['G1', 'G2-item', 'PL-2.99-cycle-exists', 'lost-update'],
  serializable: ['internal', 'G1', 'G2', 'predicate-read-miss', 'PL-3-cycle-exists'],
  'strong-session-PL-1': ['G0-process', 'strong-session-PL-1-cycle-exists'],
  'strong-session-PL-2': ['G1c-process', 'strong-session-PL-2-cycle-exists'],
  'strong-session-snapshot-isolation': [
    'internal',
    'G1-process',
    'G-nonadjacent-process',
    'strong-session-snapshot-isolation-cycle-exists',
  ],
  'strong-session-serializable': [
    'G1-process',
    'G2-process',
    'strong-session-serializable-cycle-exists',
  ],
  'strong-PL-1': ['G0-realtime', 'strong-PL-1-cycle-exists'],
  'strong-PL-2': ['G1c-realtime', 'strong-PL-2-cycle-exists'],
  'strong-snapshot-isolation': [
    'internal',
    'G1-realtime',
    'G-nonadjacent-realtime',
    'strong-snapshot-isolation-cycle-exists',
  ],
  'strict-serializable': ['G1', 'G1c-realtime', 'G2-realtime', 'PL-SS-cycle-exists'],
};

/** Cycles without order of processes and real time: which is also which. */
const PLAIN_CYCLES: Table = {
  G0: ['G1c'],
  G1c: ['G1'],
  'G-single-item': ['G-single', 'G-nonadjacent-item'],
  'G-single': ['G-nonadjacent'],
  'G-nonadjacent-item': ['G-nonadjacent', 'G2-item'],
  'G-nonadjacent': ['G2'],
  'G2-item': ['G2'],
  G1: [],
  G2: [],
};

/** A cycle is also one with the order of processes, and that one with the order of real time. */
function allCycles(): Record<string, readonly string[]> {
  const table: Record<string, readonly string[]> = {};
  for (const [name, implied] of Object.entries(PLAIN_CYCLES)) {
    const suffixed = (suffix: string): string[] => implied.map((other) => other + suffix);
    table[name] = [...implied, `${name}-process`];
    table[`${name}-process`] = [...suffixed('-process'), `${name}-realtime`];
    table[`${name}-realtime`] = suffixed('-realtime');
  }
  return table;
}

const CYCLES = allCycles();

/** Where the anomaly is, these are too. */
export const IMPLIED_ANOMALIES: Table = {
  ...CYCLES,
  'G-single': [...(CYCLES['G-single'] ?? []), 'GSIb'],
  G1a: ['G1'],
  G1b: ['G1'],
  GSIa: ['GSI'],
  GSIb: ['GSI'],
  // Two committed reads that no one timeline holds: one of them is dirty.
  'incompatible-order': ['G1a'],
  // A cycle of one transaction, which observes what it is yet to write.
  'future-read': ['G1c'],
  // A version that nobody wrote is at best one of a transaction that was undone. (Elle has no name for it.)
  'unproduced-read': ['G1a'],
  // A cycle of one transaction's own writes. (Elle has no name for it.)
  'reordered-appends': ['G0'],
  // An aborted version with a committed one on top.
  'dirty-update': ['G1a'],
  'lost-update': ['write-skew', 'G2-item'],
  'write-skew': ['G2'],
};
