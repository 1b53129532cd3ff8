/**
 * Linearizability of registers with read, write and compare-and-set.
 *
 * Conventions of values: write invokes v or {value: v}; read completes with v or {value: v, …}; cas invokes {from, to}
 * or [from, to] and completes with {swapped}: a refused compare tells that the value was another one at some moment.
 * Where `keyed`, each of these is the second of a pair [key, …]. null is the value absent, never a wildcard.
 */
import type { Anomaly, Check, CheckBudget, RecordedRun, Verdict } from '../harness/checker.ts';
import { Allowance } from './check-allowance.ts';
import { explainIllegal } from './linearizability/explain-illegal.ts';
import { judgeRegister } from './linearizability/judge-register.ts';
import { findLostWrites, findUnwrittenReads } from './linearizability/overtaken-read.ts';
import { problemOfRegister } from './linearizability/recorded-register.ts';
import {
  lostWriteAnomaly,
  orderlessAnomaly,
  unwrittenAnomaly,
} from './linearizability/register-evidence.ts';
import { registerHistories, registerOptions } from './register-history.ts';
import type { RegisterHistory } from './register-history.ts';
import { listOf, textOf } from './value-text.ts';

export { watchLinearizableRegister } from './linearizability/online-register.ts';

/** Part of the budget for deciding; the rest is for making evidence small. */
const SEARCH_SHARE = 0.7;
/** So many anomalies are written out; the summary counts the rest. */
const MOST_ANOMALIES = 12;

type Judged =
  | { readonly outcome: 'legal'; readonly steps: number }
  | {
      readonly outcome: 'exhausted';
      readonly steps: number;
      /** Line of the last completion that some order of everything before it reached; null: none. */
      readonly reached: number | null;
    }
  | {
      readonly outcome: 'illegal';
      readonly steps: number;
      readonly anomalies: Anomaly[];
      /** Line of the first completion that no order reaches, where it was looked for. */
      readonly legalPrefix?: number;
    };

/** Options: see {@link import('./register-history.ts').RegisterOptions}. */
export const checkLinearizableRegister: Check = (run, options, budget): Verdict => {
  const registers = registerHistories(run.history, registerOptions(options));
  const judged = [...registers]
    .sort((a, b) => a.operations.length - b.operations.length)
    .map((register) => ({ register, ...judgeOne(run, register, budget) }));
  const anomalies = judged.flatMap((one) => (one.outcome === 'illegal' ? one.anomalies : []));
  const undecided = judged.filter(({ outcome }) => outcome === 'exhausted');
  const operations = registers.reduce((sum, register) => sum + register.operations.length, 0);
  const prefixes = judged.flatMap((one) =>
    one.outcome === 'illegal' && one.legalPrefix !== undefined ? [one.legalPrefix] : [],
  );
  const figures = {
    keys: registers.length,
    operations,
    undecidedKeys: undecided.length,
    steps: judged.reduce((sum, { steps }) => sum + steps, 0),
    ...(prefixes.length > 0 ? { legalPrefix: prefixes.reduce((a, b) => Math.min(a, b)) } : {}),
  };
  const of = `${String(operations)} operations on ${String(registers.length)} keys`;
  if (anomalies.length > 0) {
    const accused = judged.filter(({ outcome }) => outcome === 'illegal').length;
    const summary = `not linearizable: ${String(accused)} of ${String(registers.length)} keys accused (${listOf(
      [...new Set(anomalies.map(({ name }) => name))],
    )})`;
    return { valid: 'invalid', summary, anomalies: worstFirst(anomalies), figures };
  }
  if (undecided.length > 0) {
    const names = listOf(
      judged.flatMap((one) => {
        if (one.outcome !== 'exhausted') return [];
        const where = one.reached === null ? 'no completion' : `line ${String(one.reached)}`;
        return [`${textOf(one.register.key)}, ordered up to ${where}`];
      }),
    );
    const summary =
      `not decided within the budget for keys ${names} (${of}); ` +
      'values written once, or fewer clients and unknown outcomes at a time, would make it decidable';
    return { valid: 'unknown', reason: 'budget', summary, figures };
  }
  if (!registers.some((register) => register.operations.some(({ kind }) => kind !== 'write'))) {
    const summary = `nothing was observed: ${of}, no read and no compare among them`;
    return { valid: 'unknown', reason: 'vacuous', summary, figures };
  }
  return { valid: 'valid', summary: `linearizable: ${of}`, figures };
};

function judgeOne(run: RecordedRun, register: RegisterHistory, budget: CheckBudget): Judged {
  const overtaken = findLostWrites(register).map((lost) => lostWriteAnomaly(run, register, lost));
  const unwritten = findUnwrittenReads(register);
  if (unwritten.length > 0) overtaken.push(unwrittenAnomaly(run, register, unwritten));
  if (overtaken.length > 0) return { outcome: 'illegal', steps: 0, anomalies: overtaken };
  const allowance = new Allowance(budget, SEARCH_SHARE);
  const problem = problemOfRegister(register.operations, register.initial);
  const found = judgeRegister(problem, allowance);
  const { steps } = allowance;
  if (found.outcome === 'undecided') {
    const reached = found.reached === null ? null : (problem.completion[found.reached] as number);
    return { outcome: 'exhausted', steps, reached };
  }
  if (found.outcome === 'legal') return { outcome: 'legal', steps };
  const minimal = explainIllegal(problem, found, budget);
  const anomaly = orderlessAnomaly(run, register, minimal);
  if (!minimal.exact) return { outcome: 'illegal', steps, anomalies: [anomaly] };
  const legalPrefix = problem.completion[minimal.blocked] as number;
  return { outcome: 'illegal', steps, anomalies: [{ ...anomaly, legalPrefix }], legalPrefix };
}

function worstFirst(anomalies: readonly Anomaly[]): readonly Anomaly[] {
  const isLoss = ({ name }: Anomaly): number => (name === 'lost-acknowledged-write' ? 0 : 1);
  return [...anomalies].sort((a, b) => isLoss(a) - isLoss(b)).slice(0, MOST_ANOMALIES);
}
