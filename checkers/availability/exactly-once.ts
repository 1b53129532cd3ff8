/**
 * Exactly-once administrative operations: what was answered with a definite error was not done, nothing was done more
 * often than it was asked for, and what was acknowledged is there.
 *
 * An operation is known by its value (or that value's `id`): the name of the table it creates. Views complete `ok` with
 * the list of all there are, as such ids or as objects with an `id`.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../../harness/checker.ts';
import type { Value } from '../../harness/operation.ts';
import { flagOption, namesOption } from '../check-options.ts';
import type { CheckOptions } from '../check-options.ts';
import { pairOperations, placeOf } from '../operation-pairs.ts';
import type { OperationPair } from '../operation-pairs.ts';
import { proofOf } from '../proof.ts';
import { malformed } from '../register-history.ts';
import { identityOf, isList, isRecord, listOf, textOf } from '../value-text.ts';
import { vacuousVerdict, verdictOf } from '../verdict-of.ts';

/**
 * - `operations`: default ['create'].
 * - `removals`: operations after which one may be gone again, with its id; a value's `was` goes before its `id`, so that
 *   one `f` (a rename) may be both. Default: ['delete'].
 * - `views`: default ['list'].
 * - `staleViews`: views may miss what was just done; default false.
 * - `startsEmpty`: none of the ids was there before it was tried, as in a fresh cluster. Default false: only of those that
 *   a view before the first attempt does not tell is it known.
 */
interface ExactlyOnceOptions {
  readonly operations: ReadonlySet<string>;
  readonly removals: ReadonlySet<string>;
  readonly views: ReadonlySet<string>;
  readonly staleViews: boolean;
  readonly startsEmpty: boolean;
}

/** All that was tried with one id. */
interface Effect {
  readonly id: Value;
  readonly attempts: OperationPair[];
  /** What was done, or may have been, to be rid of it again. */
  readonly removals: OperationPair[];
}

interface View {
  readonly pair: OperationPair;
  /** How often each id is there. */
  readonly counts: ReadonlyMap<string, number>;
}

const GUARANTEED = {
  'applied-but-failed': 'An operation that was answered with a definite error had no effect.',
  'applied-twice': 'An operation takes effect at most as often as it was asked for.',
  'acknowledged-not-applied': 'An operation that was acknowledged has taken effect.',
} as const;
const MOST_TOLD = 10;

export const checkExactlyOnce: Check = (run, options): Verdict => {
  const resolved = exactlyOnceOptions(options);
  const pairs = pairOperations(run.history);
  const views = pairs.flatMap((pair) => viewOf(pair, resolved) ?? []);
  const effects = effectsOf(pairs, resolved);
  const anomalies = effects.flatMap((effect) => {
    const anomaly = excess(run, effect, views, resolved) ?? absence(run, effect, views, resolved);
    return anomaly === null ? [] : [anomaly];
  });
  const figures = { effects: effects.length, views: views.length, anomalies: anomalies.length };
  if (anomalies.length > 0) return verdictOf(anomalies.slice(0, MOST_TOLD), figures, '');
  if (effects.length === 0 || views.length === 0) {
    return vacuousVerdict('no operation was tried, or no view of them completed', figures);
  }
  return verdictOf(
    [],
    figures,
    `${String(effects.length)} operations took effect as they were answered`,
  );
};

function exactlyOnceOptions(options: CheckOptions): ExactlyOnceOptions {
  return {
    operations: new Set(namesOption(options, 'operations', ['create'])),
    removals: new Set(namesOption(options, 'removals', ['delete'])),
    views: new Set(namesOption(options, 'views', ['list'])),
    staleViews: flagOption(options, 'staleViews', false),
    startsEmpty: flagOption(options, 'startsEmpty', false),
  };
}

function viewOf(pair: OperationPair, { views }: ExactlyOnceOptions): View | null {
  const { invoke, completion } = pair;
  if (!views.has(invoke.f) || completion?.type !== 'ok') return null;
  if (!isList(completion.value)) throw malformed(completion, 'a list of ids');
  const counts = new Map<string, number>();
  for (const item of completion.value) {
    const id = identityOf(idOf(item));
    counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return { pair, counts };
}

function idOf(value: Value): Value {
  return isRecord(value) && 'id' in value ? (value['id'] ?? null) : value;
}

function effectsOf(
  pairs: readonly OperationPair[],
  { operations, removals }: ExactlyOnceOptions,
): Effect[] {
  const effects = new Map<string, Effect>();
  for (const pair of pairs) {
    if (!operations.has(pair.invoke.f)) continue;
    const id = idOf(pair.invoke.value);
    const name = identityOf(id);
    const effect = effects.get(name) ?? { id, attempts: [], removals: [] };
    effects.set(name, effect);
    effect.attempts.push(pair);
  }
  for (const pair of pairs) {
    const { f, value } = pair.invoke;
    if (removals.has(f)) effects.get(identityOf(removedBy(value)))?.removals.push(pair);
  }
  return [...effects.values()];
}

function removedBy(value: Value): Value {
  return isRecord(value) && 'was' in value ? (value['was'] ?? null) : idOf(value);
}

/** Seen more often than the attempts allow, where it is known not to have been there before them. */
function excess(
  run: RecordedRun,
  { id, attempts }: Effect,
  views: readonly View[],
  { startsEmpty }: ExactlyOnceOptions,
): Anomaly | null {
  const name = identityOf(id);
  const begun = Math.min(...attempts.map(({ invoke }) => invoke.index));
  const before = views.findLast(({ pair }) => (pair.completion?.index ?? Infinity) < begun);
  const wasThere = before === undefined ? !startsEmpty : before.counts.has(name);
  if (wasThere) return null;
  const possible = attempts.filter(({ completion }) => completion?.type !== 'fail').length;
  const view = views.find(({ counts }) => (counts.get(name) ?? 0) > possible);
  if (view === undefined) return null;
  const count = String(view.counts.get(name));
  const times = `${view.pair.invoke.f} ${placeOf(view.pair)} on ${view.pair.invoke.node} told it ${count} times`;
  const kind = possible === 0 ? 'applied-but-failed' : 'applied-twice';
  return anomalyOf(run, kind, id, attempts, view, times);
}

/** Missing from a view that was asked for after an acknowledgement, though nothing that was not refused removed it. */
function absence(
  run: RecordedRun,
  { id, attempts, removals }: Effect,
  views: readonly View[],
  { staleViews }: ExactlyOnceOptions,
): Anomaly | null {
  if (staleViews || removals.some(({ completion }) => completion?.type !== 'fail')) return null;
  const ends = attempts.flatMap(({ completion }) =>
    completion?.type === 'ok' ? [completion.index] : [],
  );
  if (ends.length === 0) return null;
  const first = Math.min(...ends);
  const name = identityOf(id);
  const view = views.find(({ pair, counts }) => pair.invoke.index > first && !counts.has(name));
  if (view === undefined) return null;
  const told = `${view.pair.invoke.f} ${placeOf(view.pair)} on ${view.pair.invoke.node} did not tell it`;
  // A removal that the system itself answered with an error, after it was there and before it was gone.
  const rejected = removals.filter(
    ({ invoke, completion }) =>
      completion?.error?.kind === 'rejected' &&
      invoke.index > first &&
      invoke.index < (view.pair.completion ?? view.pair.invoke).index,
  );
  const kind = rejected.length > 0 ? 'applied-but-failed' : 'acknowledged-not-applied';
  return anomalyOf(run, kind, id, [...attempts, ...rejected], view, told);
}

function anomalyOf(
  run: RecordedRun,
  kind: keyof typeof GUARANTEED,
  id: Value,
  attempts: readonly OperationPair[],
  view: View,
  told: string,
): Anomaly {
  const outcomes = attempts.map((pair) => {
    const { invoke, completion } = pair;
    const error = completion?.error === undefined ? '' : ` (${completion.error.message})`;
    return `${invoke.f} ${placeOf(pair)} ended ${completion?.type ?? 'unknown'}${error}`;
  });
  return {
    name: kind,
    guarantee: GUARANTEED[kind],
    explanation: `${textOf(id)}: ${listOf(outcomes)}; but ${told}.`,
    ...proofOf(run, [...attempts, view.pair]),
  };
}
