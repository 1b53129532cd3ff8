/** What `faultline list checkers` tells: each by its place, which a CheckerRef names, in a line. */

/** Path without extension, and what it judges. */
export const CHECKERS: readonly (readonly [path: string, summary: string])[] = [
  [
    'linearizable-register',
    'reads, writes and compare-and-sets of one register a key are linearizable',
  ],
  [
    'linearizable-model',
    'any sequential type is linearizable: maps, counters, sets, locks, queues, your own',
  ],
  ['sequential/sequential-judge', 'registers are sequentially consistent'],
  ['staleness', 'reads are at most so many versions, or so long, behind'],
  ['snapshot-reads', 'reads at a timestamp see the last write before it, the same to everyone'],
  ['session-versions', 'within a session, versions of a key never decrease'],
  [
    'sessions/session-guarantees',
    'monotonic reads and writes, read your writes, writes follow reads',
  ],
  ['list-append', 'transactions that append to lists: anomalies, and the models they rule out'],
  ['rw-register', 'transactions that read and write registers: the same'],
  ['bank', 'transfers keep the total'],
  ['long-fork', 'reads agree on the order of writes'],
  ['causal', 'a register is causally consistent'],
  ['causal-reverse', 'a write is not seen before one that was acknowledged earlier'],
  ['set', 'every acknowledged element is in every later read'],
  ['set-full', 'each element: stable, lost, stale or never read, with latencies'],
  ['counter', 'reads are within what acknowledged and attempted additions allow'],
  ['unique-ids', 'no id is given out twice'],
  ['total-queue', 'what is enqueued is dequeued once'],
  ['watch-streams', 'watches are ordered, unique, gapless, and resume where they ended'],
  ['registration/atomic-registration', 'a registered worker shows all its declared state'],
  [
    'registration/re-registration',
    'a live worker is listed again within the bound after a failover',
  ],
  ['membership/agreement', 'one configuration, one list of members'],
  ['membership/one-master', 'one serving master an epoch'],
  ['membership/elections', 'leaderships that were lost without a fault'],
  ['availability/durability', 'what was acknowledged is in the final reads'],
  [
    'availability/exactly-once',
    'an administrative operation takes effect once, and not when refused',
  ],
  ['lifecycle/life-cycle', 'states of a job only move forward, and a terminal one is for good'],
  ['replica-convergence', 'after quiescence all replicas hold the same'],
  ['liveness', 'service within the bound after heal, and while a quorum was alive and linked'],
  ['minimum-work', 'enough service around every fault, and every fault took effect'],
  ['node-failures', 'no unexplained death, no failure pattern in a log'],
  ['detection-power', 'what share of single defects a valid run would have shown'],
  ['statistics', 'counts, rates and latencies by operation'],
];
