/**
 * Claims: each checker rejects a run of a real cluster that broke what it is for, by that anomaly; and no checker accuses
 * a run of a cluster that was correct, whatever was done to it.
 * Method: the runs of test/corpus/runs, recorded from real clusters (the README there says how), judged as they are.
 */
import { describe, expect, test } from 'vitest';
import type { Value } from '../../harness/operation.ts';
import { judged, keptRun, keptRuns } from './recorded-run.ts';

interface Rejection {
  readonly run: string;
  readonly checker: readonly [string, string, Readonly<Record<string, Value>>?];
  readonly anomaly: string;
}

const REGISTRATION = 'checkers/registration';
const BACKUPS = {
  reports: ['list', 'status'],
  order: ['started', 'copying', ['done', 'failed']],
  terminal: ['done', 'failed'],
  activeAtOnce: 'system',
};

const REJECTED: readonly Rejection[] = [
  {
    run: 'zookeeper-registration-in-two-steps',
    checker: [`${REGISTRATION}/atomic-registration`, 'checkAtomicRegistration'],
    anomaly: 'partial-registration',
  },
  {
    run: 'zookeeper-registration-once',
    checker: [`${REGISTRATION}/re-registration`, 'checkReRegistration', { recoveryMs: 6000 }],
    anomaly: 'worker-lost',
  },
  {
    run: 'zookeeper-membership-in-two-reads',
    checker: ['checkers/membership/agreement', 'checkAgreement'],
    anomaly: 'two-memberships',
  },
  {
    run: 'zookeeper-membership-in-two-reads',
    checker: ['checkers/membership/agreement', 'checkAgreement'],
    anomaly: 'two-masters',
  },
  {
    run: 'etcd-hasty-elections',
    checker: ['checkers/membership/elections', 'checkElections'],
    anomaly: 'election-without-fault',
  },
  {
    run: 'etcd-lost-leader',
    checker: ['checkers/liveness', 'checkLivenessAfterHeal'],
    anomaly: 'no-service-with-quorum',
  },
  {
    run: 'etcd-slow-elections',
    checker: ['checkers/liveness', 'checkLivenessAfterHeal'],
    anomaly: 'no-service-after-heal',
  },
  {
    run: 'etcd-13766',
    checker: ['checkers/replica-convergence', 'checkReplicaConvergence'],
    anomaly: 'replica-divergence',
  },
  {
    run: 'etcd-13766',
    checker: ['checkers/set', 'checkSet'],
    anomaly: 'lost-acknowledged-write',
  },
  {
    run: 'zookeeper-4643',
    checker: [
      'checkers/linearizable-register',
      'checkLinearizableRegister',
      { reads: ['strict-read'], keyed: true },
    ],
    anomaly: 'lost-acknowledged-write',
  },
  {
    run: 'zookeeper-4643',
    checker: [
      'checkers/availability/durability',
      'checkDurability',
      { reads: ['strict-read'], keyed: true },
    ],
    anomaly: 'lost-acknowledged-write',
  },
  {
    run: 'zookeeper-creation-retried',
    checker: ['checkers/availability/exactly-once', 'checkExactlyOnce', { startsEmpty: true }],
    anomaly: 'applied-but-failed',
  },
  {
    run: 'etcd-backups-unguarded',
    checker: ['checkers/lifecycle/life-cycle', 'checkLifeCycle', BACKUPS],
    anomaly: 'job-forgotten',
  },
  {
    run: 'etcd-register-roaming-reads',
    checker: ['checkers/session-versions', 'checkSessionVersions', { keyed: true }],
    anomaly: 'session-version-decreased',
  },
  {
    run: 'etcd-register-roaming-reads',
    checker: ['checkers/sessions/session-guarantees', 'checkSessionGuarantees', { keyed: true }],
    anomaly: 'broken-monotonic-reads',
  },
  {
    run: 'etcd-register-roaming-reads',
    checker: ['checkers/sessions/session-guarantees', 'checkSessionGuarantees', { keyed: true }],
    anomaly: 'broken-read-your-writes',
  },
  {
    run: 'etcd-forced-new-cluster',
    checker: ['checkers/linearizable-register', 'checkLinearizableRegister', { keyed: true }],
    anomaly: 'nonlinearizable',
  },
  {
    run: 'etcd-forced-new-cluster',
    checker: ['checkers/session-versions', 'checkSessionVersions', { keyed: true }],
    anomaly: 'version-with-two-values',
  },
  {
    run: 'etcd-watch-from-now',
    checker: ['checkers/watch-streams', 'checkWatchStreams'],
    anomaly: 'watch-gap',
  },
  {
    run: 'etcd-list-append-serializable-reads',
    checker: ['checkers/list-append', 'checkListAppend'],
    anomaly: 'G2-item',
  },
];

describe('a real cluster that broke it', () => {
  test.each(REJECTED)('$run: $anomaly', async ({ run, checker, anomaly }) => {
    const verdict = await judged(keptRun(run), checker);
    expect(verdict.valid).toBe('invalid');
    expect(verdict.anomalies?.map(({ name }) => name)).toContain(anomaly);
  });
});

/** Runs with faults of clusters that broke nothing, and what their own checkers say. */
const CORRECT: readonly string[] = [
  'etcd-register',
  'etcd-set',
  'etcd-list-append',
  'etcd-watch',
  'etcd-backups',
  'zookeeper-register',
  'zookeeper-set',
  'zookeeper-registration',
  'zookeeper-membership',
  'zookeeper-creation',
];

/** What looks at events and faults alone, and so can be asked of any run. */
const OF_ANY_RUN: readonly (readonly [string, string])[] = [
  [`${REGISTRATION}/atomic-registration`, 'checkAtomicRegistration'],
  [`${REGISTRATION}/re-registration`, 'checkReRegistration'],
  ['checkers/membership/agreement', 'checkAgreement'],
  ['checkers/membership/one-master', 'checkOneMaster'],
  ['checkers/membership/elections', 'checkElections'],
  ['checkers/liveness', 'checkLivenessAfterHeal'],
  ['checkers/replica-convergence', 'checkReplicaConvergence'],
];

/** What applies to some runs besides their own checkers. */
const FURTHER: Readonly<Record<string, readonly (typeof REJECTED)[number]['checker'][]>> = {
  'etcd-register': [
    ['checkers/sessions/session-guarantees', 'checkSessionGuarantees', { keyed: true }],
    ['checkers/availability/durability', 'checkDurability', { keyed: true }],
    ['checkers/watch-streams', 'checkWatchStreams'],
  ],
  'zookeeper-register': [
    [
      'checkers/availability/durability',
      'checkDurability',
      { reads: ['strict-read'], keyed: true },
    ],
  ],
  'etcd-set': [
    ['checkers/availability/durability', 'checkDurability'],
    ['checkers/set-full', 'checkSetFull'],
  ],
  'zookeeper-set': [
    ['checkers/availability/durability', 'checkDurability', { reads: ['strict-read'] }],
    ['checkers/set-full', 'checkSetFull', { reads: ['strict-read'] }],
  ],
};

const NOT_ASKED: readonly string[] = ['node-failures', 'detection-power'];

describe('a real cluster that broke nothing', () => {
  test.each(CORRECT)('%s: its own checkers find it valid', async (name) => {
    const run = keptRun(name);
    // Node logs are not kept, and how much a valid run is worth is judged elsewhere.
    const own = run.checkers.filter((checker) => !NOT_ASKED.includes(checker.name));
    expect(own.length).toBeGreaterThan(0);
    for (const { module, export: check, options } of own) {
      const path = module.slice('faultline:'.length);
      const verdict = await judged(run, [path, check, options ?? {}]);
      expect([check, verdict.valid, verdict.summary]).toEqual([check, 'valid', verdict.summary]);
    }
  });

  test.each(CORRECT)('%s: no other checker accuses it', async (name) => {
    const run = keptRun(name);
    for (const checker of [...OF_ANY_RUN, ...(FURTHER[name] ?? [])]) {
      const { valid, summary } = await judged(run, checker);
      expect([checker[1], valid, summary]).not.toEqual([checker[1], 'invalid', summary]);
    }
  });
});

test('each run that is kept is judged', () => {
  const named = new Set([...REJECTED.map(({ run }) => run), ...CORRECT]);
  expect(keptRuns().filter((name) => !named.has(name))).toEqual([]);
});
