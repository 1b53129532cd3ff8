/**
 * A regression: a known bug that faultline finds by itself, claimed as affected versions against clean ones.
 */
import type { FaultStep } from '../harness/nemesis.ts';
import type { Nanoseconds, NodeName } from '../harness/operation.ts';
import type { System } from '../harness/system.ts';
import type { Workload } from '../harness/workload.ts';

export interface Regression {
  /** `zookeeper-4643`. */
  readonly name: string;
  /** One line: what goes wrong. */
  readonly title: string;
  /** The issue's address. */
  readonly issue: string;
  readonly system: System;
  /** Versions that have the bug, and versions that do not; neighbouring releases where possible. */
  readonly affected: readonly string[];
  readonly clean: readonly string[];
  /** The versions of a quick run: one affected, one clean. */
  readonly quick: readonly string[];
  /** Names of the anomalies that count as a hit; any other verdict does not. */
  readonly anomalies: readonly string[];
  /** The claimed share of attempts on an affected version that hit, with its source in the file's comment. */
  readonly rate: number;
  /** Fresh clusters for each version. Default of `regress --attempts`. */
  readonly attempts: number;
  readonly nodes: readonly NodeName[];
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
  readonly extra?: Readonly<Record<string, string>>;
  workload(): Workload;
  schedule(seed: bigint): readonly FaultStep[];
}

/** Attempts on one version. */
export interface AttemptTally {
  readonly version: string;
  readonly expected: 'affected' | 'clean';
  readonly attempts: number;
  readonly hits: number;
  /** Attempts that could not be judged (`unknown`). */
  readonly unknown: number;
}

/** What the hits say of the claim. */
export interface ClaimVerdict {
  readonly holds: boolean;
  readonly why: string;
}

const SIGNIFICANCE = 0.05;

/**
 * Holds an affected version's hits against the stated rate (one-sided binomial test, 5 %), and a clean version's
 * against none.
 */
export function judgeClaim(tally: AttemptTally, rate: number): ClaimVerdict {
  const judged = tally.attempts - tally.unknown;
  const told = `${tally.hits} of ${judged} attempts hit on ${tally.version}`;
  if (judged === 0) return { holds: false, why: `no attempt on ${tally.version} could be judged` };
  if (tally.expected === 'clean') {
    return { holds: tally.hits === 0, why: `${told}, a version claimed clean` };
  }
  if (tally.hits === 0) return { holds: false, why: `${told}, a version claimed affected` };
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
