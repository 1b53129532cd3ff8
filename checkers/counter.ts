/**
 * A counter's reads lie within what the adds allow: at least what was acknowledged before the read began, at most what
 * was attempted before it ended.
 *
 * Source: Jepsen's `counter`, which knows increments only. With decrements: a decrement that may have happened lowers the
 * least, one that surely has happened lowers the most.
 */
import type { Check, RecordedRun, Verdict } from '../harness/checker.ts';
import type { Operation, Value } from '../harness/operation.ts';
import { flagOption, namesOption } from './check-options.ts';
import type { CheckOptions } from './check-options.ts';
import { pairOperations, placeOf } from './operation-pairs.ts';
import type { OperationPair } from './operation-pairs.ts';
import { proofOf } from './proof.ts';
import { malformed } from './register-history.ts';
import { listOf, textOf } from './value-text.ts';
import { vacuousVerdict, verdictOf } from './verdict-of.ts';

/**
 * - `adds`: default ['add', 'increment']; the value is how much, negative for less; null means 1.
 * - `subtracts`: default ['decrement']; the value is how much less.
 * - `reads`: default ['read'].
 * - `initial`: default 0.
 * - `unreadIsValid`: a history without reads is valid, not unknown; default false.
 */
interface CounterOptions {
  readonly adds: ReadonlySet<string>;
  readonly subtracts: ReadonlySet<string>;
  readonly reads: ReadonlySet<string>;
  readonly initial: number;
  readonly unreadIsValid: boolean;
}

interface BoundedRead {
  readonly pair: OperationPair;
  readonly least: number;
  readonly most: number;
  readonly value: number;
}

export const checkCounter: Check = (run, options): Verdict => {
  const resolved = counterOptions(options);
  const counter = new CounterHistory(resolved);
  const pairAt = new Map<number, OperationPair>();
  for (const pair of pairOperations(run.history)) {
    if (pair.completion?.type === 'fail') continue;
    pairAt.set(pair.invoke.index, pair);
    if (pair.completion?.type === 'ok') pairAt.set(pair.completion.index, pair);
  }
  for (const operation of run.history) {
    const pair = pairAt.get(operation.index);
    if (pair !== undefined) counter.step(operation, pair);
  }
  const { reads } = counter;
  const wrong = reads.filter(({ least, most, value }) => value < least || value > most);
  const width = reads.reduce((sum, { least, most }) => sum + (most - least), 0);
  const figures = {
    adds: counter.adds,
    reads: reads.length,
    wrongReads: wrong.length,
    meanWidth: reads.length === 0 ? 0 : width / reads.length,
  };
  if (reads.length === 0) {
    const summary = 'no read of the counter completed';
    if (!resolved.unreadIsValid) return vacuousVerdict(summary, figures);
    return { valid: 'valid', summary, figures };
  }
  const anomalies = wrong.length === 0 ? [] : [anomalyOf(run, wrong)];
  return verdictOf(anomalies, figures, `${String(reads.length)} reads within their bounds`);
};

function counterOptions(options: CheckOptions): CounterOptions {
  const { initial = 0 } = options;
  if (typeof initial !== 'number') {
    throw new TypeError(`option initial: expected a number, got ${textOf(initial)}`);
  }
  return {
    adds: new Set(namesOption(options, 'adds', ['add', 'increment'])),
    subtracts: new Set(namesOption(options, 'subtracts', ['decrement'])),
    reads: new Set(namesOption(options, 'reads', ['read'])),
    initial,
    unreadIsValid: flagOption(options, 'unreadIsValid', false),
  };
}

/** The bounds as the history goes on. */
class CounterHistory {
  readonly reads: BoundedRead[] = [];
  adds = 0;
  readonly #options: CounterOptions;
  #least: number;
  #most: number;
  /** What was certain when a read began, by the index of its invocation. */
  readonly #open = new Map<number, { readonly least: number; readonly most: number }>();
  /** What became possible since the beginning: how far below `#least` and above `#most` it may be. */
  #below = 0;
  #above = 0;

  constructor(options: CounterOptions) {
    this.#options = options;
    this.#least = options.initial;
    this.#most = options.initial;
  }

  step(operation: Operation, pair: OperationPair): void {
    const { f, type } = operation;
    if (this.#options.reads.has(f)) {
      if (type === 'invoke') this.#begin(pair);
      else this.#end(operation, pair);
      return;
    }
    const amount = this.#amount(pair.invoke);
    if (amount === null) return;
    if (type === 'invoke') {
      this.adds++;
      if (amount > 0) this.#above += amount;
      else this.#below += amount;
    } else if (amount > 0) this.#least += amount;
    else this.#most += amount;
  }

  #begin(pair: OperationPair): void {
    if (pair.completion?.type !== 'ok') return;
    this.#open.set(pair.invoke.index, { least: this.#least, most: this.#most });
  }

  #end(operation: Operation, pair: OperationPair): void {
    const begun = this.#open.get(pair.invoke.index);
    const { value } = operation;
    if (begun === undefined) return;
    this.#open.delete(pair.invoke.index);
    if (typeof value !== 'number') throw malformed(operation, 'a number');
    const least = begun.least + this.#below;
    const most = begun.most + this.#above;
    this.reads.push({ pair, least, most, value });
  }

  #amount(invoke: Operation): number | null {
    const { adds, subtracts } = this.#options;
    if (adds.has(invoke.f)) return amountOf(invoke, invoke.value);
    return subtracts.has(invoke.f) ? -amountOf(invoke, invoke.value) : null;
  }
}

function amountOf(invoke: Operation, value: Value): number {
  if (value === null) return 1;
  if (typeof value === 'number') return value;
  throw malformed(invoke, 'a number');
}

function anomalyOf(run: RecordedRun, wrong: readonly BoundedRead[]) {
  const told = wrong.map(
    ({ pair, least, most, value }) =>
      `${placeOf(pair)} shows ${String(value)}, which must be from ${String(least)} to ` +
      String(most),
  );
  return {
    name: 'counter-out-of-bounds',
    guarantee:
      'A read of the counter shows every add acknowledged before it began, and none begun after ' +
      'it ended.',
    explanation: `${listOf(told, 3)}.`,
    ...proofOf(
      run,
      wrong.slice(0, 5).map(({ pair }) => pair),
    ),
  };
}
