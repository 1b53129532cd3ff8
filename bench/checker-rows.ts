/** The histories that checkers are timed on: recorded ones, where their folder is, and generated ones. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatNamed } from '../formats/formats.ts';
import { READING_LIMITS } from '../formats/format.ts';
import { SourceFile } from '../formats/source-file.ts';
import { projectPath } from '../harness/project-path.ts';
import type { PeerModel } from './porcupine-peer.ts';
import {
  type HistoryEvent,
  registerHistory,
  type RegisterHistoryOptions,
} from './register-histories.ts';

export interface CheckerRow {
  readonly name: string;
  /** Rows of one group are summed up together. */
  readonly group: 'etcd logs' | 'key-value' | 'generated';
  readonly model: PeerModel;
  readonly events: readonly HistoryEvent[];
  /** Null where the verdict is not known beforehand. */
  readonly expected: 'legal' | 'illegal' | null;
  /** The peer is ended after so long. */
  readonly limitMs: number;
  /** False where it would take hundreds of gigabytes. Default: true. */
  readonly peer?: boolean;
}

/** Recorded histories, beside the checkout; the same place as the tests of corpora look at. */
export const CORPUS = projectPath('../shared/fixtures');

interface CorpusEntry {
  readonly files: readonly string[];
  readonly format: string;
  readonly model: string;
  readonly expect: { readonly valid?: boolean };
}

/** The etcd logs and the key-value histories of a corpus; none when it is not there. */
export async function recordedRows(folder: string): Promise<CheckerRow[]> {
  const index = join(folder, 'expected.json');
  if (!existsSync(index)) return [];
  const rows: CheckerRow[] = [];
  for (const entry of JSON.parse(readFileSync(index, 'utf8')) as CorpusEntry[]) {
    const { format, files, expect } = entry;
    if (format !== 'jepsen-log' && format !== 'porcupine-kv') continue;
    const [file = ''] = files;
    const events = await eventsOf(format, join(folder, file));
    const expected = expect.valid === true ? 'legal' : 'illegal';
    const name = file.slice(file.lastIndexOf('/') + 1).replace(/\..*$/, '');
    const common = { events, expected, limitMs: 10_000 } as const;
    if (format === 'jepsen-log')
      rows.push({ name, group: 'etcd logs', model: 'cas-register', ...common });
    else {
      rows.push({ name: `kv ${name}`, group: 'key-value', model: 'kv', ...common });
      // Without partitions the peer needs minutes and gigabytes for the largest.
      if (events.length > 2_000) continue;
      rows.push({
        name: `kv ${name}, no partitions`,
        group: 'key-value',
        model: 'kv-whole',
        ...common,
      });
    }
  }
  return rows;
}

async function eventsOf(format: string, file: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for await (const { batches } of formatNamed(format).read(
    [new SourceFile(file)],
    READING_LIMITS,
  )) {
    for await (const { operations } of batches) {
      for (const { process, type, f, value } of operations)
        events.push({ process, type, f, value });
    }
  }
  return events;
}

type Generated = readonly [
  name: string,
  options: RegisterHistoryOptions,
  expected: CheckerRow['expected'],
  limitMs: number,
];

/** Unique values: every write writes a new one. */
const UNIQUE: readonly Generated[] = [
  [
    'unique, 1,000 operations, 20 clients',
    { operations: 1e3, clients: 20, seed: 1 },
    'legal',
    1_000,
  ],
  [
    'unique, 10,000 operations, 20 clients',
    { operations: 1e4, clients: 20, seed: 2 },
    'legal',
    1_000,
  ],
  [
    'unique, 100,000 operations, 5 clients',
    { operations: 1e5, clients: 5, seed: 3 },
    'legal',
    6_000,
  ],
  [
    'unique, 1,000,000 operations, 10 clients',
    { operations: 1e6, clients: 10, seed: 4 },
    'legal',
    0,
  ],
  [
    'unique, 2 % crashed, 10,000 operations, 10 clients',
    { operations: 1e4, clients: 10, seed: 5, crashed: 0.02 },
    'legal',
    5_000,
  ],
  [
    'unique, stale read, 10,000 operations, 10 clients',
    { operations: 1e4, clients: 10, seed: 6, violation: 'stale-read' },
    'illegal',
    1_000,
  ],
];

const CAS = { values: 5, reads: 0.4, cas: 0.3 };

/** Five values, with compare-and-set. */
const FEW_VALUES: readonly Generated[] = [
  [
    'cas, 1,000 operations, 20 clients',
    { ...CAS, operations: 1e3, clients: 20, seed: 11 },
    'legal',
    1_000,
  ],
  [
    'cas, 10,000 operations, 10 clients',
    { ...CAS, operations: 1e4, clients: 10, seed: 12 },
    'legal',
    5_000,
  ],
  [
    'cas, 10,000 operations, 20 clients',
    { ...CAS, operations: 1e4, clients: 20, seed: 13 },
    'legal',
    1_000,
  ],
  [
    'cas, 100,000 operations, 5 clients',
    { ...CAS, operations: 1e5, clients: 5, seed: 14 },
    'legal',
    6_000,
  ],
  [
    'cas, 100,000 operations, 10 clients',
    { ...CAS, operations: 1e5, clients: 10, seed: 15 },
    'legal',
    1_000,
  ],
  [
    'cas, 100,000 operations, 20 clients',
    { ...CAS, operations: 1e5, clients: 20, seed: 16 },
    'legal',
    1_000,
  ],
  [
    'cas, 10 % crashed, 500 operations, 5 clients',
    { ...CAS, operations: 500, clients: 5, seed: 17, crashed: 0.1 },
    'legal',
    5_000,
  ],
  [
    'cas, 10 % crashed, 1,000 operations, 5 clients',
    { ...CAS, operations: 1e3, clients: 5, seed: 18, crashed: 0.1 },
    'legal',
    5_000,
  ],
  [
    'cas, 10 % crashed, 5,000 operations, 5 clients',
    { ...CAS, operations: 5e3, clients: 5, seed: 19, crashed: 0.1 },
    'legal',
    5_000,
  ],
  [
    'cas, 4 crashed, stale read, 500 operations',
    { ...CAS, operations: 500, clients: 5, seed: 20, crashes: 4, violation: 'stale-read' },
    'illegal',
    5_000,
  ],
  [
    'cas, never-written value, 2,000 operations, 10 clients',
    { ...CAS, operations: 2e3, clients: 10, seed: 21, violation: 'never-written' },
    'illegal',
    5_000,
  ],
  [
    'cas, never-written value, 2,000 operations, 20 clients',
    { ...CAS, operations: 2e3, clients: 20, seed: 22, violation: 'never-written' },
    'illegal',
    1_000,
  ],
  [
    'cas, never-written value, 2,000 operations, 30 clients',
    { ...CAS, operations: 2e3, clients: 30, seed: 23, violation: 'never-written' },
    'illegal',
    1_000,
  ],
];

/** Made anew for each benchmark: the histories are large. */
export function generatedRows(): CheckerRow[] {
  return [...UNIQUE, ...FEW_VALUES].map(([name, options, expected, limitMs]) => ({
    name,
    group: 'generated',
    model: 'cas-register',
    events: registerHistory(options),
    expected,
    limitMs,
    peer: limitMs > 0,
  }));
}
