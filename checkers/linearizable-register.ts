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

/** Part of the budget for deciding; the rest is for making evidence small. */
const SEARCH_SHARE = 0.7;
/** So many anomalies are written out; the summary counts the rest. */
const MOST_ANOMALIES = 12;

type Judged =
  | { readonly outcome: 'legal' | 'exhausted'; readonly steps: number }
  | { readonly outcome: 'illegal'; readonly steps: number; readonly anomalies: Anomaly[] };

/** Options: see {@link import('./register-history.ts').RegisterOptions}. */
export const checkLinearizableRegister: Check = (run, options, budget): Verdict => {
  const registers = registerHistories(run.history, registerOptions(options));
  const judged = [...registers]
    .sort((a, b) => a.operations.length - b.operations.length)
    .map((register) => ({ register, ...judgeOne(run, register, budget) }));
  const anomalies = judged.flatMap((one) => (one.outcome === 'illegal' ? one.anomalies : []));
  const undecided = judged.filter(({ outcome }) => outcome === 'exhausted');
  const operations = registers.reduce((sum, register) => sum + register.operations.length, 0);
  const figures = {
    keys: registers.length,
    operations,
    undecidedKeys: undecided.length,
    steps: judged.reduce((sum, { steps }) => sum + steps, 0),
  };
  const of = `${String(operations)} operations on ${String(registers.length)} keys`;
  const names = listOf(undecided.map(({ register }) => textOf(register.key)));
  if (anomalies.length > 0) {
    const accused = judged.filter(({ outcome }) => outcome === 'illegal').length;
    const summary = `not linearizable: ${String(accused)} of ${String(registers.length)} keys accused (${listOf(
      [...new Set(anomalies.map(({ name }) => name))],
    )})`;
    return { valid: 'invalid', summary, anomalies: worstFirst(anomalies), figures };
  }
  if (undecided.length > 0) {
    const summary = `not decided within the budget for keys ${names} (${of})`;
    return { valid: 'unknown', reason: 'budget', summary, figures };
  }
  if (!registers.some((register) => register.operations.some(({ kind }) => kind !== 'write'))) {
    const summary = `nothing was observed: ${of}, no read and no compare among them`;
    return { valid: 'unknown', reason: 'vacuous', summary, figures };
  }
  return { valid: 'valid', summary: `linearizable: ${of}`, figures };
};

function judgeOne(run: RecordedRun, register: RegisterHistory, budget: CheckBudget): Judged {
  const anomalies = findLostWrites(register).map((lost) => lostWriteAnomaly(run, register, lost));
  const unwritten = findUnwrittenReads(register);
  if (unwritten.length > 0) anomalies.push(unwrittenAnomaly(run, register, unwritten));
  if (anomalies.length > 0) return { outcome: 'illegal', steps: 0, anomalies };
  const allowance = new Allowance(budget, SEARCH_SHARE);
  const problem = problemOfRegister(register.operations, register.initial);
  const found = judgeRegister(problem, allowance);
  const { steps } = allowance;
  if (found.outcome === 'undecided') return { outcome: 'exhausted', steps };
  if (found.outcome === 'legal') return { outcome: 'legal', steps };
  const minimal = explainIllegal(problem, found, budget);
  return { outcome: 'illegal', steps, anomalies: [orderlessAnomaly(run, register, minimal)] };
}

function worstFirst(anomalies: readonly Anomaly[]): readonly Anomaly[] {
  const isLoss = ({ name }: Anomaly): number => (name === 'lost-acknowledged-write' ? 0 : 1);
  return [...anomalies].sort((a, b) => isLoss(a) - isLoss(b)).slice(0, MOST_ANOMALIES);
}
