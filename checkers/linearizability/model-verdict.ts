/** Verdicts of models in words. */
import type { Verdict } from '../../harness/checker.ts';
import type { Value } from '../../harness/operation.ts';
import { textOf } from '../value-text.ts';
import type { ModelVerdict } from './model-check.ts';
import type { ModelViolation } from './model-evidence.ts';
import type { Model } from './model.ts';

/** The verdict in words. @param completed number of operations that completed. */
export function verdictOf(model: Model, found: ModelVerdict, completed: number): Verdict {
  const { valid, operations, partitions, steps, undecided, violations } = found;
  const figures = { operations, partitions, steps, undecided: undecided.length };
  const parts = partitions === 1 ? '' : ` in ${String(partitions)} partitions`;
  const of = `${String(operations)} operations${parts}`;
  if (valid === 'invalid') {
    const anomalies = violations.slice(0, MOST_ANOMALIES).map((violation) => ({
      name: 'nonlinearizable',
      guarantee: `Each operation on the ${model.name} takes effect at one moment between its call and its end.`,
      explanation: partOf(partitions, violation.partition) + violation.explanation,
      operations: proofOf(violation),
      faults: [],
    }));
    const names = `${String(violations.length)} of ${String(partitions)} partitions`;
    const summary = `not linearizable as ${model.name}: ${partitions === 1 ? of : names}`;
    return { valid, summary, anomalies, figures };
  }
  if (valid === 'unknown') return { ...undecidedVerdict(found, of), figures };
  if (completed === 0) {
    const summary = 'nothing was observed: no operation completed';
    return { valid: 'unknown', reason: 'vacuous', summary, figures };
  }
  return { valid, summary: `linearizable as ${model.name}: ${of}`, figures };
}

const MOST_ANOMALIES = 12;

function partOf(partitions: number, partition: Value): string {
  return partitions === 1 ? '' : `${textOf(partition)}: `;
}

function proofOf({ smallHistory, core, longestOrder, blocked }: ModelViolation): number[] {
  const small = smallHistory?.operations.map(({ operation }) => operation);
  const indexes =
    small ??
    (core.length > 0 ? core : null) ??
    [...longestOrder.slice(-MOST_PROVING), blocked].filter((index) => index >= 0);
  return [...new Set(indexes)].sort((a, b) => a - b);
}

/** Where the proof is not small, the last of the longest legal order are named. */
const MOST_PROVING = 20;

function undecidedVerdict({ undecided }: ModelVerdict, of: string): Verdict {
  const bug = undecided.find(({ disagreement }) => disagreement === true);
  if (bug !== undefined) {
    const summary = `two engines disagree on ${textOf(bug.partition)}: a bug of the checker`;
    return { valid: 'unknown', reason: 'harness-failure', summary };
  }
  const [first] = undecided;
  const reached =
    first === undefined
      ? ''
      : `; in ${textOf(first.partition)} ${String(first.ordered)} of ${String(first.operations)} operations were ordered`;
  const summary =
    `not decided within the budget: ${String(undecided.length)} partitions of ${of}${reached}. ` +
    'Unique values, fewer clients or shorter histories would make it decidable';
  return { valid: 'unknown', reason: 'budget', summary };
}
