/**
 * A deposed leader of Alluxio 2.9.6 that does not know it: with the journal on a shared store it loses acknowledged
 * operations as in 1.x (alluxio-zombie, where the cause is told); with the masters' own replicated journal it loses
 * none, but answers reads: without what its successor has acknowledged, and with what it has itself just answered with
 * an error and what is gone afterwards.
 *
 * Cause of the reads (2.9, FileSystemMaster over RaftJournalSystem): a leader answers a list from its memory, without
 * asking the others whether it still leads, and a change is in that memory before the journal has it. Stopped for longer
 * than an election, it answers for some 0.2 s more.
 *
 * Seen on 2.9.6 with the shared journal where nothing had been written before the second leader was stopped (`second`):
 * some 200 acknowledged entries are gone from the journal, and every master that replays it ends: "Journal entries are
 * missing between sequence number 175 (inclusive) and 374 (exclusive)"; or both leaders have written into one file, it has
 * holes ("invalid tag (zero)"), and masters end of them or of the memory that they ask for. The cluster never serves again.
 *
 * Schedule: as alluxio-zombie's. A third of the clients list without a pause, so that one is begun in that time.
 *
 * Known residue, no hit: operations of the zombie that end with INTERNAL are indefinite.
 */
import { alluxio } from '../clusters/alluxio/system.ts';
import {
  creations,
  finalLists,
  METADATA_CHECKERS,
} from '../clusters/alluxio/workloads/metadata.ts';
import { ownChecker } from '../harness/checker.ts';
import type { LeafContext } from '../harness/generator.ts';
import { any } from '../harness/generators/any.ts';
import { repeat } from '../harness/generators/limit.ts';
import { onThreads } from '../harness/generators/on-threads.ts';
import { stagger } from '../harness/generators/pace.ts';
import { MILLISECOND, SECOND, type Invocation } from '../harness/operation.ts';
import type { Workload } from '../harness/workload.ts';
import { secondLeaderStops, STOP_AT, stopAndReplay, UNTIL_SECOND } from './alluxio-zombie.ts';
import type { Regression } from './regression.ts';

/** Four connections with each master. */
const CLIENTS = 12;
const NODES = ['m1', 'm2', 'm3'];
const OPTIONS = { nodes: NODES, concurrency: CLIENTS, rate: 40 };
/** The last connection with each master is for lists. */
const LISTERS_FROM = CLIENTS - NODES.length;
/** The second: no master comes up any more, as the journal lacks what was acknowledged. */
const LOST = ['lost-acknowledged-write', 'journal-entries-lost', 'journal-corrupt'];

/** Reads that are older than they may be, and elements that were seen and are gone. */
const READS = ownChecker('checkers/set-full', 'checkSetFull', {
  adds: ['create'],
  reads: ['list'],
  linearizable: true,
});

export const alluxioZombieRaft: Regression = {
  name: 'alluxio-zombie-raft',
  title:
    'a deposed leader of 2.9.6 loses acknowledged directories; with Raft it keeps them, and reads are stale',
  issue: 'https://github.com/Alluxio/alluxio/issues/11415',
  system: alluxio,
  anomalies: LOST,
  rate: 0.9,
  attempts: 3,
  concurrency: CLIENTS,
  timeLimit: 120 * SECOND,
  deadline: 45 * SECOND,
  alone: 'system',
  extra: { journal: 'zookeeper' },
  workload: () => creations(OPTIONS),
  schedule: () => stopAndReplay({ at: STOP_AT }),
  rows: [
    { name: '2.9.6 shared first', version: '2.9.6', expected: 'hit' },
    {
      name: '2.9.6 shared second',
      version: '2.9.6',
      expected: 'hit',
      workload: () => creations(OPTIONS, UNTIL_SECOND),
      schedule: secondLeaderStops,
    },
    {
      name: '2.9.6 embedded',
      version: '2.9.6',
      expected: 'clean',
      extra: { journal: 'embedded' },
    },
    {
      name: '2.9.6 embedded reads',
      version: '2.9.6',
      expected: 'hit',
      anomalies: ['stale-read', 'lost-element'],
      extra: { journal: 'embedded' },
      workload: creationsBesideLists,
      checkers: [READS],
    },
  ],
  quick: ['2.9.6 shared first', '2.9.6 embedded'],
};

function creationsBesideLists(): Workload {
  return {
    name: 'metadata',
    generator: any([
      onThreads((thread) => thread >= LISTERS_FROM, stagger(10 * MILLISECOND, repeat(LIST))),
      onThreads((thread) => thread < LISTERS_FROM, stagger(SECOND / OPTIONS.rate, create)),
    ]),
    finalGenerator: finalLists(NODES.length),
    checkers: METADATA_CHECKERS,
    reads: ['list'],
  };
}

const LIST: Invocation = { f: 'list', value: null };

function create({ thread, ordinal }: LeafContext): Invocation {
  return { f: 'create', value: `t${thread}-${ordinal}` };
}
