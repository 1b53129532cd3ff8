/**
 * What goes into a queue comes out: every acknowledged enqueue is dequeued once the queue is drained, and nothing comes
 * out that was not put in.
 *
 * Source: Jepsen's `total-queue` and `queue`. A dequeue or drain that crashed may have taken elements: only more losses
 * than such dequeues prove one, which Jepsen does not consider. Like Jepsen's, it holds for histories that drain the
 * queue.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { flagOption, namesOption } from './check-options.ts';
import type { CheckOptions } from './check-options.ts';
import { Interner } from './interner.ts';
import { pairOperations, placeOf } from './operation-pairs.ts';
import type { OperationPair } from './operation-pairs.ts';
import { proofOf } from './proof.ts';
import { malformed } from './register-history.ts';
import { isList, listOf, textOf } from './value-text.ts';
import { vacuousVerdict, verdictOf } from './verdict-of.ts';

/**
 * - `enqueues`, `dequeues`, `drains`: default ['enqueue'], ['dequeue'], ['drain'] (answered by a list of elements).
 * - `drained`: the history empties the queue, so that an element not taken is lost; default true.
 * - `exactlyOnce`: an element that comes out more often than it was put in is an anomaly; default false, a figure.
 */
interface QueueOptions {
  readonly enqueues: ReadonlySet<string>;
  readonly dequeues: ReadonlySet<string>;
  readonly drains: ReadonlySet<string>;
  readonly drained: boolean;
  readonly exactlyOnce: boolean;
}

/** What happened to one element. */
interface Element {
  readonly value: Value;
  /** Enqueues that may have happened. */
  readonly attempts: OperationPair[];
  readonly acknowledged: OperationPair[];
  readonly taken: OperationPair[];
}

interface QueueHistory {
  readonly elements: readonly Element[];
  /** Crashed dequeues and drains. A drain may have taken any number. */
  readonly perhapsTaken: number;
}

export const checkTotalQueue: Check = (run, options): Verdict => {
  const resolved = queueOptions(options);
  const { elements, perhapsTaken } = queueHistory(run, resolved);
  const lost = elements.filter(({ acknowledged, taken }) => acknowledged.length > taken.length);
  const losses = lost.reduce(
    (sum, { acknowledged, taken }) => sum + acknowledged.length - taken.length,
    0,
  );
  const unexpected = elements.filter((element) => comesFromNowhere(element));
  const duplicated = elements.filter(
    ({ attempts, taken }) => attempts.length > 0 && taken.length > attempts.length,
  );
  const count = (of: (element: Element) => number): number =>
    elements.reduce((sum, element) => sum + of(element), 0);
  const figures = {
    attempts: count(({ attempts }) => attempts.length),
    acknowledged: count(({ acknowledged }) => acknowledged.length),
    taken: count(({ taken }) => taken.length),
    perhapsTaken: Number.isFinite(perhapsTaken) ? perhapsTaken : 'any number',
    missing: losses,
    unexpected: unexpected.length,
    duplicated: duplicated.length,
  };
  if (figures.acknowledged === 0 && figures.taken === 0) {
    return vacuousVerdict('nothing was acknowledged or taken', figures);
  }
  const anomalies: Anomaly[] = [];
  if (resolved.drained && losses > perhapsTaken)
    anomalies.push(lossOf(run, lost, losses, perhapsTaken));
  if (unexpected.length > 0) anomalies.push(anomalyOf(run, 'unexpected-element', unexpected));
  if (resolved.exactlyOnce && duplicated.length > 0) {
    anomalies.push(anomalyOf(run, 'duplicated-element', duplicated));
  }
  const fine = `${String(figures.acknowledged)} acknowledged enqueues, ${String(losses)} not taken`;
  return verdictOf(anomalies, figures, fine);
};

function queueOptions(options: CheckOptions): QueueOptions {
  return {
    enqueues: new Set(namesOption(options, 'enqueues', ['enqueue'])),
    dequeues: new Set(namesOption(options, 'dequeues', ['dequeue'])),
    drains: new Set(namesOption(options, 'drains', ['drain'])),
    drained: flagOption(options, 'drained', true),
    exactlyOnce: flagOption(options, 'exactlyOnce', false),
  };
}

function queueHistory({ history }: RecordedRun, options: QueueOptions): QueueHistory {
  const numbers = new Interner();
  const elements: Element[] = [];
  let perhapsTaken = 0;
  const elementOf = (value: Value): Element => {
    const number = numbers.idOf(value);
    return (elements[number] ??= { value, attempts: [], acknowledged: [], taken: [] });
  };
  for (const pair of pairOperations(history)) {
    const { invoke, completion } = pair;
    if (completion?.type === 'fail') continue;
    if (options.enqueues.has(invoke.f)) {
      const element = elementOf(invoke.value);
      element.attempts.push(pair);
      if (completion?.type === 'ok') element.acknowledged.push(pair);
    } else if (options.dequeues.has(invoke.f)) {
      if (completion?.type !== 'ok') perhapsTaken++;
      else if (completion.value !== null) elementOf(completion.value).taken.push(pair);
    } else if (options.drains.has(invoke.f)) {
      if (completion?.type !== 'ok') perhapsTaken = Infinity;
      else if (!isList(completion.value)) throw malformed(completion, 'a list of elements');
      else for (const value of completion.value) elementOf(value).taken.push(pair);
    }
  }
  return { elements, perhapsTaken };
}

/** Taken although no enqueue of it had begun by then (or all had certainly failed). */
function comesFromNowhere({ attempts, taken }: Element): boolean {
  const begun = attempts[0]?.invoke.index ?? Infinity;
  return taken.some(({ completion }) => (completion?.index ?? Infinity) < begun);
}

function lossOf(
  run: RecordedRun,
  lost: readonly Element[],
  losses: number,
  perhapsTaken: number,
): Anomaly {
  const told = lost.map(
    ({ value, acknowledged }) =>
      `${textOf(value)} (acknowledged at ${listOf(acknowledged.map(placeOf), 3)})`,
  );
  const crashed =
    perhapsTaken === 0 ? '' : ` Crashed dequeues can have taken ${String(perhapsTaken)} at most.`;
  return {
    name: 'lost-element',
    guarantee: 'Every element whose enqueue was acknowledged comes out of the queue.',
    explanation: `${String(losses)} never came out: ${listOf(told)}.${crashed}`,
    ...proofOf(
      run,
      lost.slice(0, 5).flatMap(({ acknowledged }) => acknowledged.slice(0, 3)),
    ),
  };
}

const GUARANTEES = {
  'unexpected-element': 'Only what was put into the queue comes out of it.',
  'duplicated-element': 'An element comes out as often as it was put in.',
};

function anomalyOf(
  run: RecordedRun,
  name: keyof typeof GUARANTEES,
  elements: readonly Element[],
): Anomaly {
  const told = elements.map(
    ({ value, taken }) => `${textOf(value)} at ${listOf(taken.map(placeOf), 3)}`,
  );
  const pairs = elements
    .slice(0, 5)
    .flatMap(({ attempts, taken }) => [...attempts.slice(0, 2), ...taken.slice(0, 3)]);
  const guarantee = GUARANTEES[name];
  return { name, guarantee, explanation: `Taken: ${listOf(told)}.`, ...proofOf(run, pairs) };
}
