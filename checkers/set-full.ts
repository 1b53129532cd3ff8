/**
 * The life of every element of a set: stable (from some read on every read holds it), lost (from some read on none
 * holds it, although it was known), or never read.
 *
 * Source: Jepsen's `set-full`. An element is known once its add was acknowledged or a read that holds it has completed,
 * whichever is first. Stable elements that a read begun after that does not hold are stale. A read that holds an element
 * more than once is an anomaly. In time proportional to the history, reads counted with their elements.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { MILLISECOND } from '../harness/operation.ts';
import { flagOption } from './check-options.ts';
import type { OperationPair } from './operation-pairs.ts';
import { placeOf } from './operation-pairs.ts';
import { proofOf } from './proof.ts';
import { endOf, isAcknowledged, lastAbsences, setHistories } from './set-history.ts';
import type { SetHistory } from './set-history.ts';
import { listOf, textOf } from './value-text.ts';
import { vacuousVerdict, verdictOf } from './verdict-of.ts';

/** What became of an element. */
interface ElementLife {
  readonly value: Value;
  readonly key: Value;
  readonly outcome: 'stable' | 'lost' | 'never-read';
  /** A read begun after it was known does not hold it, a later one does. */
  readonly stale: boolean;
  /** From known to stable or lost; null when neither. */
  readonly latencyMs: number | null;
  readonly add: OperationPair | null;
  readonly known: OperationPair | null;
  /** The last read begun that does not hold it. */
  readonly absent: OperationPair | null;
}

/**
 * Options: `linearizable`: stale elements are anomalies; default false, a figure. Those of setHistories.
 */
export const checkSetFull: Check = (run, options): Verdict => {
  const linearizable = flagOption(options, 'linearizable', false);
  const sets = setHistories(run, options);
  const lives = sets.flatMap(livesOf);
  const of = (outcome: ElementLife['outcome']): ElementLife[] =>
    lives.filter((life) => life.outcome === outcome);
  const [stable, lost, neverRead] = [of('stable'), of('lost'), of('never-read')];
  const stale = stable.filter((life) => life.stale);
  const repeated = sets.flatMap(duplicatesOf);
  const figures: Record<string, Value> = {
    attempts: lives.length,
    stable: stable.length,
    lost: lost.length,
    neverRead: neverRead.length,
    stale: stale.length,
    duplicated: new Set(repeated.map(({ value }) => textOf(value))).size,
    neverAdded: sets.reduce((sum, set) => sum + neverAdded(set), 0),
    ...latencyFigures('stableLatencyMs', stable),
    ...latencyFigures('lostLatencyMs', lost),
  };
  const anomalies: Anomaly[] = [];
  if (lost.length > 0) anomalies.push(absenceOf(run, 'lost-element', lost));
  if (linearizable && stale.length > 0) anomalies.push(absenceOf(run, 'stale-read', stale));
  if (repeated.length > 0) anomalies.push(duplicationOf(run, repeated));
  if (anomalies.length === 0 && stable.length === 0) {
    return vacuousVerdict('no element was ever stable', figures);
  }
  return verdictOf(anomalies, figures, `${String(stable.length)} elements stable, none lost`);
};

function livesOf(set: SetHistory): ElementLife[] {
  const { key, reads, elements, adds } = set;
  const known: (OperationPair | undefined)[] = adds.map((pairs) => firstAcknowledged(pairs ?? []));
  const lastPresent = new Int32Array(elements.length).fill(-1);
  reads.forEach(({ pair, elements: held }, place) => {
    const end = endOf(pair);
    for (const element of held) {
      lastPresent[element] = place;
      const before = known[element];
      if (before === undefined || endOf(before) > end) known[element] = pair;
    }
  });
  const lastAbsent = lastAbsences(set);
  return elements.flatMap((value, element) => {
    const add = adds[element]?.[0];
    if (add === undefined) return [];
    const absentPlace = lastAbsent[element] ?? -1;
    const absent = reads[absentPlace]?.pair;
    // A read that was over before the add began says nothing of the element.
    const counts = absent !== undefined && endOf(absent) > add.invoke.index;
    const presentPlace = lastPresent[element] ?? -1;
    const life = { value, key, add, known: known[element] ?? null };
    if (!counts) return [lifeOf(life, presentPlace >= 0 ? 'stable' : 'never-read', null)];
    if (presentPlace > absentPlace) return [lifeOf(life, 'stable', absent)];
    const wasKnown = life.known !== null && endOf(life.known) < absent.invoke.index;
    const present = reads[presentPlace]?.pair;
    return [lifeOf(life, wasKnown ? 'lost' : 'never-read', absent, present)];
  });
}

function firstAcknowledged(adds: readonly OperationPair[]): OperationPair | undefined {
  return adds
    .filter(isAcknowledged)
    .reduce<OperationPair | undefined>(
      (first, add) => (first === undefined || endOf(add) < endOf(first) ? add : first),
      undefined,
    );
}

/** @param present of a lost element: the last read begun that holds it. */
function lifeOf(
  life: Pick<ElementLife, 'value' | 'key' | 'add' | 'known'>,
  outcome: ElementLife['outcome'],
  absent: OperationPair | null,
  present?: OperationPair,
): ElementLife {
  const knownTime = life.known?.completion?.time ?? 0;
  const stale =
    outcome === 'stable' &&
    absent !== null &&
    life.known !== null &&
    endOf(life.known) < absent.invoke.index;
  const since = outcome === 'lost' ? present : (absent ?? undefined);
  const latency = Math.max((since?.invoke.time ?? -Infinity) - knownTime, 0);
  const latencyMs = outcome === 'never-read' ? null : latency / MILLISECOND;
  return { ...life, outcome, stale, latencyMs, absent };
}

const QUANTILES: readonly (readonly [string, number])[] = [
  ['min', 0],
  ['p50', 0.5],
  ['p95', 0.95],
  ['p99', 0.99],
  ['max', 1],
];

function latencyFigures(name: string, lives: readonly ElementLife[]): Record<string, Value> {
  if (lives.length === 0) return {};
  const sorted = Float64Array.from(lives, ({ latencyMs }) => latencyMs ?? 0).sort();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { [name]: Object.fromEntries(QUANTILES.map(([label, share]) => [label, at(share)])) };
}

/** Elements that were read and never added. Jepsen's set-full does not judge them; `set` does. */
function neverAdded({ elements, adds }: SetHistory): number {
  return elements.filter((_, element) => adds[element] === undefined).length;
}

interface Duplicate {
  readonly value: Value;
  readonly read: OperationPair;
}

function duplicatesOf({ reads, elements }: SetHistory): Duplicate[] {
  return reads.flatMap(({ pair, twice }) =>
    twice.map((element) => ({ value: elements[element] ?? null, read: pair })),
  );
}

const GUARANTEES = {
  'lost-element': 'An element known to be in the set stays in it.',
  'stale-read': 'A read of the set holds every element known before it began.',
};

function absenceOf(
  run: RecordedRun,
  name: keyof typeof GUARANTEES,
  lives: readonly ElementLife[],
): Anomaly {
  // The longest absences first.
  const worst = [...lives].sort((a, b) => (b.latencyMs ?? 0) - (a.latencyMs ?? 0));
  const told = worst.map(({ value, key, known, add, absent }) => {
    const how = known === add ? 'acknowledged' : 'read';
    const since = known === null ? '' : ` (${how} at ${placeOf(known)})`;
    const where = absent === null ? '' : ` is not in ${placeOf(absent)}`;
    return `${textOf(key === null ? value : [key, value])}${since}${where}`;
  });
  const count = `${String(lives.length)} ${lives.length === 1 ? 'element' : 'elements'}`;
  const pairs = worst
    .slice(0, 5)
    .flatMap(({ add, known, absent }) => [add, known, absent])
    .filter((pair) => pair !== null);
  return {
    name,
    guarantee: GUARANTEES[name],
    explanation: `${count}: ${listOf(told)}.`,
    ...proofOf(run, pairs),
  };
}

function duplicationOf(run: RecordedRun, repeated: readonly Duplicate[]): Anomaly {
  const told = repeated.map(({ value, read }) => `${textOf(value)} in ${placeOf(read)}`);
  return {
    name: 'duplicated-element',
    guarantee: 'The set holds an element once.',
    explanation: `More than once: ${listOf(told)}.`,
    ...proofOf(
      run,
      repeated.slice(0, 8).map(({ read }) => read),
    ),
  };
}
