/**
 * Internal errors: no operation is answered with an error that the system itself calls one of its own making (a null
 * pointer, a failed assertion). Whatever the operation did, the system met a state that it does not allow for.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../harness/checker.ts';
import { namesOption } from './check-options.ts';
import { pairOperations, placeOf } from './operation-pairs.ts';
import type { OperationPair } from './operation-pairs.ts';
import { proofOf } from './proof.ts';
import { listOf } from './value-text.ts';
import { verdictOf } from './verdict-of.ts';

const MOST_TOLD = 5;

/** Options: `codes`: the system's codes of such errors; default ['INTERNAL']. One anomaly for each `f` and code. */
export const checkInternalErrors: Check = (run, options): Verdict => {
  const codes = new Set(namesOption(options, 'codes', ['INTERNAL']));
  const kinds = new Map<string, OperationPair[]>();
  let answered = 0;
  for (const pair of pairOperations(run.history)) {
    const code = pair.completion?.error?.code;
    if (pair.completion !== null) answered++;
    if (code === undefined || !codes.has(code)) continue;
    const kind = `${pair.invoke.f} ${code}`;
    const others = kinds.get(kind);
    if (others === undefined) kinds.set(kind, [pair]);
    else others.push(pair);
  }
  const anomalies = [...kinds.values()].map((pairs) => internalError(run, pairs));
  const count = [...kinds.values()].reduce((sum, pairs) => sum + pairs.length, 0);
  const figures = { answered, internalErrors: count };
  return verdictOf(anomalies, figures, `${String(answered)} answers, none an internal error`);
};

function internalError(run: RecordedRun, pairs: readonly OperationPair[]): Anomaly {
  const told = pairs.map((pair) => {
    const { code = '', message = '' } = pair.completion?.error ?? {};
    return `${pair.invoke.f} ${placeOf(pair)} on ${pair.invoke.node} ended with ${code}: ${message}`;
  });
  return {
    name: 'internal-error',
    guarantee: 'No operation meets a state that the system does not allow for.',
    explanation: `${listOf(told, MOST_TOLD)}.`,
    ...proofOf(run, pairs.slice(0, MOST_TOLD)),
  };
}
