/** What this family judges by the name of a model. */
import type { Anomaly, CheckBudget } from '../../harness/checker.ts';
import type { Value } from '../../harness/operation.ts';
import type { Certificate } from '../certificate.ts';
import { ISOLATION_LEVELS, levelsOf } from '../isolation/levels.ts';
import type { IsolationLevel, IsolationLevels } from '../isolation/levels.ts';
import { transactionsIn } from '../isolation/polygraph-judge.ts';
import type {
  HistoryJudge,
  HistoryModel,
  HistoryVerdict,
  JudgingOptions,
} from '../judging/history-judge.ts';
import { vacuousVerdict, verdictOf } from '../verdict-of.ts';
import { ColumnsBuilder } from './columns-builder.ts';

export const ISOLATION_JUDGES: readonly HistoryModel[] = [
  {
    name: 'rw-register-levels',
    title: 'read committed, read atomic and causal consistency of registers written once',
    create: (options: JudgingOptions): HistoryJudge => {
      const builder = new ColumnsBuilder('registers');
      const asked = levelsAsked(options);
      return {
        add: (operation) => {
          builder.add(operation);
        },
        finish: (budget) =>
          verdictOfLevels(
            levelsOf(builder.finish(), initialValues(options), budget),
            budget,
            asked,
          ),
      };
    },
  },
];

function initialValues({ initial }: JudgingOptions): readonly Value[] {
  return initial === undefined ? [null] : [null, initial];
}

/** @throws TypeError when a consistency model is none of the levels. */
function levelsAsked({ consistency }: JudgingOptions): readonly IsolationLevel[] {
  const strange = consistency.find((name) => !ISOLATION_LEVELS.some((level) => level === name));
  if (strange !== undefined) {
    throw new TypeError(
      `consistency model ${strange}: expected one of ${ISOLATION_LEVELS.join(', ')}`,
    );
  }
  if (consistency.length === 0) return ISOLATION_LEVELS;
  return ISOLATION_LEVELS.filter((level) => consistency.includes(level));
}

const GUARANTEES = {
  'read-committed': 'What a transaction reads is never older than what it has seen before.',
  'read-atomic': 'Who sees a transaction, sees all of its writes.',
  causal: 'Who sees a transaction, sees everything that it had seen.',
};

/**
 * The levels of a history as its verdict: invalid where one is violated, unknown where one could not be judged.
 * @param asked the levels that count. Default: all.
 */
export function verdictOfLevels(
  { levels, violations, unjudgeable, transactions, sessions }: IsolationLevels,
  { timeMs }: CheckBudget,
  asked: readonly IsolationLevel[] = ISOLATION_LEVELS,
): HistoryVerdict {
  const figures = { transactions, sessions };
  const certificates = [...new Set(violations.map(({ by }) => by))];
  if (unjudgeable !== null) return { verdict: vacuousVerdict(unjudgeable, figures), certificates };
  const known: Record<string, boolean> = {};
  for (const level of ISOLATION_LEVELS) {
    const holds = levels[level];
    if (holds !== undefined) known[level] = holds;
  }
  const counted = violations.filter(({ level }) => asked.includes(level));
  const anomalies = counted.map(({ level, by }): Anomaly => ({
    name: `not-${level}`,
    guarantee: GUARANTEES[level],
    explanation: `${anomalyOf(by)}, as the certificate shows.`,
    operations: transactionsIn(by),
    faults: [],
  }));
  if (anomalies.length === 0 && asked.some((level) => levels[level] === undefined)) {
    const summary = `not decided within ${String(timeMs)} ms; give more time`;
    const verdict = { valid: 'unknown', reason: 'budget', summary, figures } as const;
    return { verdict, levels: known, certificates };
  }
  const verdict = verdictOf(
    anomalies,
    figures,
    `${String(transactions)} transactions, ${asked.join(', ')}: held`,
  );
  const not = violations.map(({ level }) => level);
  const anomalyTypes = [...new Set(violations.map(({ by }) => anomalyOf(by)))].sort();
  return {
    verdict,
    levels: known,
    not: not.slice(0, 1),
    alsoNot: not.slice(1),
    anomalyTypes,
    certificates,
  };
}

function anomalyOf(certificate: Certificate): string {
  return 'anomaly' in certificate ? certificate.anomaly : certificate.kind;
}
