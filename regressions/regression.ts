/**
 * A regression: a known bug that faultline finds by itself, as rows that say what each of them must show.
 *
 * A row is one version under one schedule, with what is expected of it:
 *  - `hit`: it shows the regression's own anomaly as often as `rate` says (an affected version, or a control that must
 *    be flagged);
 *  - `clean`: it never does (a fixed version, or a promise that must hold);
 *  - `documented`: a checker tells the anomaly as often as `rate` says, and does not accuse: the system's documentation
 *    promises no more.
 *
 * `affected` and `clean` are short for rows of versions that differ in nothing else. Everything in `RowPlan` is said once
 * for all rows, and by a row in its place where it differs:
 *
 *     rows: [
 *       { name: '2.9.6 journal=ufs', version: '2.9.6', expected: 'hit', extra: { journal: 'ufs' } },
 *       { name: '2.9.6 journal=embedded', version: '2.9.6', expected: 'clean', extra: { journal: 'embedded' } },
 *       { name: '1.17.1 churn', version: '1.17.1', expected: 'clean', schedule: churn, timeLimit: 60 * SECOND },
 *       { name: 'model, switch on', version: 'soft-state', expected: 'hit', model: { runs: 200, test: randomTest } },
 *     ]
 *
 * A row in simulated time (`model`) is a batch of whole tests, each drawn from its seed; its attempt hits when one does.
 */
import type { LeastWork } from '../clusters/test-spec.ts';
import type { CheckerRef } from '../harness/checker.ts';
import type { FaultStep } from '../harness/nemesis.ts';
import type { Nanoseconds, NodeName } from '../harness/operation.ts';
import type { System } from '../harness/system.ts';
import type { TestSpec } from '../harness/test.ts';
import type { Workload } from '../harness/workload.ts';

/** The documents that the project began with; each describes a master that dies at the wrong moment. */
export const SEEDS = ['000', '001', '002', '003', '004'] as const;
export type Seed = (typeof SEEDS)[number];

export type Expected = 'hit' | 'clean' | 'documented';

/** What counts, and how often it is tried. */
export interface RowClaim {
  /** Names of the anomalies that count as a hit; any other verdict does not. */
  readonly anomalies: readonly string[];
  /** The claimed share of attempts that hit where a hit is expected, with its source in the file's comment. */
  readonly rate: number;
  /** Fresh clusters for each row. Default of `regress --attempts`. */
  readonly attempts: number;
  /**
   * What must not run beside it: no other cluster of the same system, or nothing at all (its timing would not stand it).
   * Default: no more than memory and processors allow.
   */
  readonly alone?: 'system' | 'machine';
}

/** A row on a real system. */
export interface LivePlan extends RowClaim {
  /** Default: the nodes that the system's roles say; without roles n1 to n3. */
  readonly nodes?: readonly NodeName[];
  readonly concurrency: number;
  /** Bound on the main phase; it ends with the schedule. */
  readonly timeLimit: Nanoseconds;
  readonly deadline: Nanoseconds;
  /** How long the work goes on after the schedule, so that a run is judged by what follows. Default: 0. */
  readonly rest?: Nanoseconds;
  /** How long service may take to come back. Default: that of any run. */
  readonly recoveryLimit?: Nanoseconds;
  /** A stall of the harness so long excuses a time without service, in milliseconds. Default: as in any run. */
  readonly stallBoundMs?: number;
  /** The system's own options. Default: none. */
  readonly extra?: Readonly<Record<string, string>>;
  /** Checkers besides the workload's and those of any run. Default: none. */
  readonly checkers?: readonly CheckerRef[];
  /** What an attempt must have done at least to be judged; faults that nobody is to feel. Default: as in any run. */
  readonly leastWork?: LeastWork;
  workload(): Workload;
  schedule(seed: bigint): readonly FaultStep[];
}

/** A row in simulated time. */
export interface ModelPlan extends RowClaim {
  readonly model: {
    /** Tests of one attempt, with seeds that count up. */
    readonly runs: number;
    /** One whole test, everything about it drawn from the seed. */
    test(seed: bigint, version: string): TestSpec;
  };
}

export type RowPlan = LivePlan | ModelPlan;

/** One row; what it does not say the regression says. */
export interface RegressionRow extends Partial<LivePlan>, Partial<Pick<ModelPlan, 'model'>> {
  /** Unique in its regression: the version, and what tells it from the other rows. Default: the version. */
  readonly name?: string;
  readonly version: string;
  readonly expected: Expected;
}

interface RegressionHead {
  /** `zookeeper-4643`. */
  readonly name: string;
  /** One line: what goes wrong. */
  readonly title: string;
  /** The issue's address. */
  readonly issue: string;
  /** Which of the documents that the project began with it is from. Default: none. */
  readonly seed?: Seed;
  readonly system: System;
  /** Versions that have the bug, and versions that do not; neighbouring releases where possible. Default: none. */
  readonly affected?: readonly string[];
  readonly clean?: readonly string[];
  /** Rows that differ in more than their version. Default: none. */
  readonly rows?: readonly RegressionRow[];
  /** Names of the rows of a quick run: one that must hit, one that must not. */
  readonly quick: readonly string[];
}

export type Regression = RegressionHead & RowPlan;

/** A row with nothing left to look up. */
export interface ResolvedRow {
  readonly regression: Regression;
  readonly name: string;
  readonly version: string;
  readonly expected: Expected;
  readonly plan: RowPlan;
}

/** All rows: those of affected versions, of clean ones, and the others. */
export function rowsOf(regression: Regression): readonly ResolvedRow[] {
  const { affected = [], clean = [], rows = [] } = regression;
  const all: readonly RegressionRow[] = [
    ...affected.map((version) => ({ version, expected: 'hit' as const })),
    ...clean.map((version) => ({ version, expected: 'clean' as const })),
    ...rows,
  ];
  return all.map((row) => {
    const { name = row.version, version, expected } = row;
    return { regression, name, version, expected, plan: { ...regression, ...row } };
  });
}

/** Whether the row runs in simulated time. */
export function isModel(plan: RowPlan): plan is ModelPlan {
  return 'model' in plan;
}

/** Attempts on one row. */
export interface AttemptTally {
  readonly row: string;
  readonly expected: Expected;
  readonly attempts: number;
  readonly hits: number;
  /** Attempts that could not be judged (`unknown`). */
  readonly unknown: number;
  /** Attempts that accused what is documented. */
  readonly accused: number;
}

/** What the hits say of the claim. */
export interface ClaimVerdict {
  readonly holds: boolean;
  readonly why: string;
}

const SIGNIFICANCE = 0.05;

/**
 * Holds hits against the stated rate where hits are expected (one-sided binomial test, 5 %), and against none where the
 * row is claimed clean.
 */
export function judgeClaim(tally: AttemptTally, rate: number): ClaimVerdict {
  const judged = tally.attempts - tally.unknown;
  const told = `${tally.hits} of ${judged} attempts hit on ${tally.row}`;
  if (judged === 0) return { holds: false, why: `no attempt on ${tally.row} could be judged` };
  if (tally.expected === 'clean') {
    return { holds: tally.hits === 0, why: `${told}, a row claimed clean` };
  }
  if (tally.accused > 0) {
    return { holds: false, why: `${tally.accused} attempts accused what is documented` };
  }
  if (tally.hits === 0) return { holds: false, why: `${told}, a row claimed to hit` };
  const chance = atMost(tally.hits, judged, rate);
  const compared = `at a stated rate of ${rate} so few hits have chance ${chance.toPrecision(2)}`;
  return { holds: chance >= SIGNIFICANCE, why: `${told}; ${compared}` };
}

/** P(X <= hits) for X binomial(attempts, rate). */
export function atMost(hits: number, attempts: number, rate: number): number {
  let probability = (1 - rate) ** attempts;
  if (rate === 1) return hits >= attempts ? 1 : 0;
  let sum = probability;
  for (let k = 1; k <= hits; k++) {
    probability *= ((attempts - k + 1) / k) * (rate / (1 - rate));
    sum += probability;
  }
  return Math.min(1, sum);
}
