/**
 * A workload: what clients do, and which guarantees are judged afterwards. Knows neither testbed nor faults.
 */
import type { CheckerRef } from './checker.ts';
import type { GeneratorLike } from './generator.ts';
import type { Observer } from './system.ts';

export interface Workload {
  readonly name: string;
  /** Endless; the run ends it at its time limit. */
  readonly generator: GeneratorLike;
  /** Finite; run after heal and recovery, on whatever answers. */
  readonly finalGenerator?: GeneratorLike;
  readonly checkers: readonly CheckerRef[];
  /** The `f`s that are pure reads: an indefinite error may be recorded as `fail`. */
  readonly reads: readonly string[];
  /** Pollers besides the system's, for what only this workload makes. Default: none. */
  readonly observers?: readonly Observer[];
}

/** What a workload is made from. */
export interface WorkloadOptions {
  /** Those that clients connect to: thread t to node t modulo their number. */
  readonly nodes: readonly string[];
  readonly concurrency: number;
  /** Operations a second over all threads. */
  readonly rate: number;
  /** Operations of one thread on one key before it moves to the next. Default: a workload's own. */
  readonly operationsPerKey?: number;
}

/** A workload by name, as a system offers it. */
export interface WorkloadDefinition {
  readonly name: string;
  readonly summary: string;
  /** Made to be caught: expected to be invalid, and never drawn. Default: false. */
  readonly weak?: boolean;
  /** Whether a version of the system has what it needs. Default: each has. */
  readonly suits?: (version: string) => boolean;
  make(options: WorkloadOptions): Workload;
}
