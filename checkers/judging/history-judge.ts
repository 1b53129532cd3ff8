/**
 * Judging histories from elsewhere: operations come one by one, so that ten million of them need not be objects at once.
 * Each family of checkers registers what it can judge by the name of a model.
 */
import type { CheckBudget, Verdict } from '../../harness/checker.ts';
import type { Operation, Value } from '../../harness/operation.ts';
import type { Certificate } from '../certificate.ts';

/** How a foreign history is to be read and judged. Resolved: every field has its value. */
export interface JudgingOptions {
  /** The value at the beginning. Default: the model's own (null for registers). */
  readonly initial: Value | undefined;
  /**
   * What a completed read of null says: `any` (Knossos: nothing, it fits every state) or `initial` (the value is absent).
   * Default: initial.
   */
  readonly nilReads: 'any' | 'initial';
  /**
   * What a `fail` of a compare-and-set says: `dropped` (it did not happen, nothing is learned) or `compared` (it was
   * evaluated, and the value was another one). Default: dropped.
   */
  readonly failedCas: 'dropped' | 'compared';
  /**
   * Consistency models to hold the history against. Default, and meant by an empty list: what the model is usually held
   * against; with `anomalies` given an empty list means none, only those anomalies.
   */
  readonly consistency: readonly string[];
  /** Anomalies that make the history invalid besides those that the consistency models rule out (Elle's `:anomalies`). */
  readonly anomalies?: readonly string[];
  /** The order of the history's lines is the order of real time; false for logs of sessions only. Default: true. */
  readonly realtime: boolean;
  /** Elle's options for version orders of rw-register: `wfr-keys?`, `sequential-keys?`, `linearizable-keys?`. */
  readonly versionOrders: readonly ('wfr-keys' | 'sequential-keys' | 'linearizable-keys')[];
  /** A second engine confirms what it can. Default: where it costs little. */
  readonly verify: boolean | 'cheap';
}

/** What came of one history. */
export interface HistoryVerdict {
  readonly verdict: Verdict;
  /** Transactions: the anomalies found, sorted by name. */
  readonly anomalyTypes?: readonly string[];
  /** Transactions: the weakest consistency models that are ruled out. */
  readonly not?: readonly string[];
  /** Transactions: stronger models that are ruled out with them. */
  readonly alsoNot?: readonly string[];
  /** Weak isolation: which levels hold. */
  readonly levels?: Readonly<Record<string, boolean>>;
  readonly certificates: readonly Certificate[];
}

/** One history being judged. */
export interface HistoryJudge {
  /**
   * The next line of the history, in its order. `index` counts from 0 without gaps.
   * @throws TypeError naming what was expected when the value is not of the model's conventions.
   */
  add(operation: Operation): void;
  finish(budget: CheckBudget): HistoryVerdict;
}

/** What `--model` names. */
export interface HistoryModel {
  readonly name: string;
  /** One line for `--help` and the documentation. */
  readonly title: string;
  create(options: JudgingOptions): HistoryJudge;
}
