/**
 * Bounded staleness of registers: a read may be behind, but by so much at most.
 *
 * - `milliseconds` (Δ-atomicity; Golab, Li and Shah, "Analyzing consistency properties for fun and profit", 2011): the
 *   history is linearizable once every read is taken to have been called so much earlier.
 * - `versions` (k-atomicity; Aiyer, Alvisi and Bazzi, "On the availability of non-strict quorum systems", 2005): there is
 *   an order of the writes, linearizable, in which a read returns one of the last k values.
 *
 * Both are local: keys are judged one by one. Where every value is written once, the first takes O(n log n); the second
 * is searched for, since it has no known simple rule for k above 2.
 */
import type { Anomaly, Check, CheckBudget, RecordedRun, Verdict } from '../harness/checker.ts';
import { MILLISECOND } from '../harness/operation.ts';
import type { CheckOptions } from './check-options.ts';
import { numberOption } from './check-options.ts';
import type { OperationPair } from './operation-pairs.ts';
import { placeOf } from './operation-pairs.ts';
import { proofOf } from './proof.ts';
import { registerHistories, registerOptions } from './register-history.ts';
import type { RegisterHistory } from './register-history.ts';
import { findStale, searchStale } from './staleness-search.ts';
import type { StaleAccess, StaleVerdict } from './staleness-search.ts';
import { listOf, textOf } from './value-text.ts';

/** What a read may be behind. Either bound; both must hold where both are given. */
interface StalenessOptions {
  readonly milliseconds: number | null;
  readonly versions: number | null;
}

/**
 * Options: `milliseconds` and `versions` (of the last so many values; 1 is linearizability), at least one of them;
 * `reads`, `writes`, `keyed`, `initial` as of registers.
 * @throws TypeError when neither bound is given, or for compare-and-sets.
 */
export const checkBoundedStaleness: Check = (run, options, budget): Verdict => {
  const bounds = stalenessOptions(options);
  const registers = registerHistories(run.history, registerOptions({ cas: [], ...options }));
  const anomalies: Anomaly[] = [];
  const undecided: string[] = [];
  let operations = 0;
  let reads = 0;
  for (const register of registers) {
    operations += register.operations.length;
    reads += register.operations.filter(({ kind }) => kind === 'read').length;
    for (const found of judgeRegister(run, register, bounds, budget)) {
      if (found.verdict.valid === 'invalid') anomalies.push(anomalyOf(run, register, found));
      else if (found.verdict.valid === 'unknown') undecided.push(textOf(register.key));
    }
  }
  const of = `${String(operations)} operations on ${String(registers.length)} keys`;
  const figures = { keys: registers.length, operations, reads, undecidedKeys: undecided.length };
  if (anomalies.length > 0) {
    const summary = `staler than promised: ${String(anomalies.length)} times (${of})`;
    return { valid: 'invalid', summary, anomalies: anomalies.slice(0, MOST_ANOMALIES), figures };
  }
  if (undecided.length > 0) {
    const summary = `not decided within the budget for keys ${listOf(undecided)} (${of})`;
    return { valid: 'unknown', reason: 'budget', summary, figures };
  }
  if (reads === 0) {
    const summary = `nothing was observed: ${of}, no read among them`;
    return { valid: 'unknown', reason: 'vacuous', summary, figures };
  }
  return { valid: 'valid', summary: `no read staler than promised: ${of}`, figures };
};

const MOST_ANOMALIES = 12;

function stalenessOptions(options: CheckOptions): StalenessOptions {
  const milliseconds = 'milliseconds' in options ? numberOption(options, 'milliseconds', 0) : null;
  const versions = 'versions' in options ? numberOption(options, 'versions', 1) : null;
  if (milliseconds === null && versions === null) {
    throw new TypeError('expected the option milliseconds or versions: how stale a read may be');
  }
  if (versions !== null && (versions < 1 || !Number.isInteger(versions))) {
    throw new TypeError(
      `option versions: expected a whole number from 1 on, got ${String(versions)}`,
    );
  }
  return { milliseconds, versions };
}

interface Found {
  readonly verdict: StaleVerdict;
  /** In words. */
  readonly bound: string;
}

function judgeRegister(
  run: RecordedRun,
  register: RegisterHistory,
  { milliseconds, versions }: StalenessOptions,
  budget: CheckBudget,
): Found[] {
  const found: Found[] = [];
  const accesses = accessesOf(register);
  if (milliseconds !== null) {
    const moved = accesses.map((access, i) => {
      const call = register.operations[i]?.pair.invoke;
      if (access.kind === 'write' || call === undefined) return access;
      return { ...access, call: indexAt(run, call.time - milliseconds * MILLISECOND, call.index) };
    });
    const verdict =
      findStale(moved, register.initial) ?? searchStale(moved, register.initial, 1, budget);
    found.push({ verdict, bound: `${String(milliseconds)} ms` });
  }
  if (versions !== null) {
    const verdict = searchStale(accesses, register.initial, versions, budget);
    found.push({ verdict, bound: `${String(versions - 1)} versions` });
  }
  return found;
}

function accessesOf({ operations }: RegisterHistory): StaleAccess[] {
  return operations.map(({ kind, value, call, end, pair }) => {
    if (kind === 'read' || kind === 'write') return { kind, value, call, end };
    throw new TypeError(
      `history line ${String(pair.invoke.index)}: bounded staleness knows reads and writes, not compare-and-sets`,
    );
  });
}

/** The first line of the history at this time or later; `index` at most. Half a line before it, so as to precede it. */
function indexAt({ history }: RecordedRun, time: number, index: number): number {
  let low = 0;
  let high = index;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((history[middle]?.time ?? 0) >= time) high = middle;
    else low = middle + 1;
  }
  return low === index ? index : low - 0.5;
}

function anomalyOf(
  run: RecordedRun,
  register: RegisterHistory,
  { verdict, bound }: Found,
): Anomaly {
  const pairs: OperationPair[] = verdict.operations.flatMap(
    (number) => register.operations[number]?.pair ?? [],
  );
  const places = pairs.length === 0 ? '' : ` (${listOf(pairs.map(placeOf))})`;
  const key = register.key === null ? '' : `${textOf(register.key)}: `;
  return {
    name: 'stale-read',
    guarantee: `A read is at most ${bound} behind.`,
    explanation: `${key}${verdict.explanation}${places}`,
    ...proofOf(run, pairs.length > 0 ? pairs : register.operations.map(({ pair }) => pair)),
  };
}
