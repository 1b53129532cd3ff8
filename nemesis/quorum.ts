/** Schedules that leave a majority of the nodes alone at every moment. */
import type { FaultStep } from '../harness/nemesis.ts';
import { SECOND, type Nanoseconds } from '../harness/operation.ts';

/** Steps that stand and fall together. */
export interface Portion {
  readonly steps: readonly FaultStep[];
  /** Active at most between these, after the main phase began. */
  readonly from: Nanoseconds;
  readonly to: Nanoseconds;
  /** How many nodes they take from the quorum at most. */
  readonly loss: number;
}

/** A node that is healed needs a moment to serve again. */
const RECOVERY = 2 * SECOND;

/** The most nodes that a majority system can lose. */
export function minorityOf(nodeCount: number): number {
  return Math.floor((nodeCount - 1) / 2);
}

/** Partitions that may leave no majority whose nodes all reach each other. */
const SCATTERING = ['partition-random-graph', 'partition-swizzle', 'partition-port'];

/**
 * How many nodes a step takes from the quorum at most: those it acts on, or, of a partition that acts on all of them, the
 * smaller side.
 */
export function lossOf({ kind, selector }: FaultStep, nodeCount: number): number {
  if (typeof selector !== 'string') return selector.length;
  if (selector === 'all' && kind.startsWith('partition') && !SCATTERING.includes(kind))
    return Math.floor(nodeCount / 2);
  const sizes = {
    one: 1,
    leader: 1,
    minority: Math.max(1, minorityOf(nodeCount)),
    majority: Math.floor(nodeCount / 2) + 1,
    followers: nodeCount - 1,
    all: nodeCount,
  };
  return sizes[selector];
}

/** Leaves out what would take more than `most` nodes together with what came before it in the list. */
export function keepQuorum(portions: readonly Portion[], most: number): readonly Portion[] {
  const kept: Portion[] = [];
  for (const one of portions) {
    const meanwhile = kept.filter(
      ({ from, to }) => from < one.to + RECOVERY && one.from < to + RECOVERY,
    );
    const loss = meanwhile.reduce((sum, other) => sum + other.loss, one.loss);
    if (loss <= most) kept.push(one);
  }
  return kept;
}
