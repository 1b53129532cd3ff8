/**
 * The same defects in models, in simulated time: found by the generic workloads under random schedules, with no step
 * written for them. Where no affected version can be had (KUDU-1353), the model is the affected side.
 *
 * How many tests an attempt has is several times as many as finding the defect took in the mean of some hundred tests, so
 * that nearly every attempt hits. A right variant is never to be accused; bench:models runs many more of them.
 */
import { BACKUP_LEADER_ROLE } from '../clusters/alluxio/known-issues.ts';
import { alluxio } from '../clusters/alluxio/system.ts';
import { sheepdogJoin } from '../clusters/corosync/system.ts';
import { kudu } from '../clusters/kudu/system.ts';
import { MODELS, type ModelTests, type Variant } from '../clusters/models/random-tests.ts';
import { zookeeper } from '../clusters/zookeeper/system.ts';
import type { System } from '../harness/system.ts';
import type { Expected, Regression, RegressionRow, Seed } from './regression.ts';

/** Tests of an attempt on a right variant. */
const CORRECT_RUNS = 500;

interface ModelRegression {
  readonly name: string;
  readonly title: string;
  readonly issue: string;
  readonly seed: Seed;
  /** The real one that is modelled. */
  readonly system: System;
  readonly model: string;
  readonly anomalies: readonly string[];
  /** Wrong variants, and the tests of an attempt on each. */
  readonly defective: Readonly<Record<string, number>>;
  readonly quick: readonly string[];
}

/** Variants whose defect takes thousands of tests to be met are left to bench:models. */
const TABLE: readonly ModelRegression[] = [
  {
    name: 'alluxio-3299-model',
    title: 'a worker is in service before it has registered',
    issue: 'https://github.com/Alluxio/alluxio/pull/7780',
    seed: '000',
    system: alluxio,
    model: 'registration-model',
    anomalies: ['internal-error', 'partial-registration'],
    defective: { 'two-step': 100 },
    quick: [],
  },
  {
    name: 'alluxio-backup-model',
    title: 'a backup that has ended begins again, is forgotten, or runs beside another',
    issue: BACKUP_LEADER_ROLE,
    seed: '001',
    system: alluxio,
    model: 'backup-model',
    anomalies: ['terminal-state-changed', 'job-forgotten', 'two-active-jobs'],
    defective: { 'heartbeat-without-id': 300, 'timer-after-end': 500, 'as-released': 150 },
    quick: [],
  },
  {
    name: 'kudu-1353-model',
    title: 'an acknowledged alteration is never done after a failover of the masters',
    issue: 'https://issues.apache.org/jira/browse/KUDU-1353',
    seed: '002',
    system: kudu,
    model: 'kudu-master-model',
    anomalies: ['not-completed-in-time'],
    defective: {
      'soft-state-lost': 60,
      'full-report-to-new-leader': 300,
      'hard-state-leader': 8000,
      'heartbeat-all-masters': 1500,
      'persisted-tablet-servers': 60,
    },
    quick: ['soft-state-lost', 'correct'],
  },
  {
    name: 'zookeeper-sync-model',
    title: 'a follower acknowledges, or writes its epoch, too early while it joins a new leader',
    issue: 'https://issues.apache.org/jira/browse/ZOOKEEPER-4685',
    seed: '003',
    system: zookeeper,
    model: 'zookeeper-sync-model',
    anomalies: ['no-service-after-heal', 'no-service-with-quorum', 'lost-acknowledged-write'],
    defective: { 'ack-order': 300, 'epoch-before-log': 1500 },
    quick: [],
  },
  {
    name: 'sheepdog-join-model',
    title: 'a joiner, and all after it, hang for ever when the master dies',
    issue: 'https://github.com/sheepdog/sheepdog/commit/1217aee8',
    seed: '004',
    system: sheepdogJoin,
    model: 'sheepdog-join',
    anomalies: ['lasting-disagreement', 'two-memberships', 'two-masters'],
    defective: { 'before-0.4': 100 },
    quick: [],
  },
];

/** Whether the version has a row for each of several workloads. */
function isUnderTwo({ correct, defective }: ModelTests, version: string): boolean {
  return [...correct, ...defective].filter((variant) => variant.version === version).length > 1;
}

/** One for each model. */
export const MODEL_REGRESSIONS: readonly Regression[] = TABLE.map(
  ({ model, defective, ...head }) => {
    const found = MODELS.find(({ name }) => name === model);
    if (found === undefined) throw new RangeError(`no model ${model}`);
    const row = (
      { version, workload }: Variant,
      expected: Expected,
      runs: number,
    ): RegressionRow => ({
      name: isUnderTwo(found, version) ? `${version} ${workload}` : version,
      version,
      expected,
      model: { runs, test: (seed) => found.randomTest({ version, workload, seed }) },
    });
    const wrong = found.defective.flatMap((variant) => {
      const runs = defective[variant.version];
      return runs === undefined ? [] : [row(variant, 'hit', runs)];
    });
    const right = found.correct.map((variant) => row(variant, 'clean', CORRECT_RUNS));
    const [first = wrong[0]] = right;
    if (first?.model === undefined) throw new RangeError(`${model} has no variant`);
    return { ...head, rate: 0.95, attempts: 3, model: first.model, rows: [...wrong, ...right] };
  },
);
