/** What this family judges by the name of a model. */
import type { Anomaly, CheckBudget, Verdict } from '../../harness/checker.ts';
import type { Operation, Value } from '../../harness/operation.ts';
import type { Certificate } from '../certificate.ts';
import type {
  HistoryJudge,
  HistoryModel,
  HistoryVerdict,
  JudgingOptions,
} from '../judging/history-judge.ts';
import { listOf, textOf } from '../value-text.ts';
import { RegisterPartitions } from './register-partitions.ts';
import { judgePartition } from './register-verdict.ts';
import type { PartitionVerdict } from './register-verdict.ts';

export const REGISTER_JUDGES: readonly HistoryModel[] = [
  historyModel('register', 'a register with read and write (and cas)'),
  historyModel('cas-register', 'a register with read, write and compare-and-set'),
];

const GUARANTEE =
  'Linearizability of a register: there is one order of the operations, respecting real time, in which each read ' +
  'returns what was written last.';
/** So many anomalies are written out; the summary counts the rest. */
const MOST_ANOMALIES = 12;

function historyModel(name: string, title: string): HistoryModel {
  return { name, title, create: (options) => new RegisterJudge(options) };
}

/** Keeps a few numbers an operation; decides at the end. */
class RegisterJudge implements HistoryJudge {
  readonly #options: JudgingOptions;
  readonly #partitions: RegisterPartitions;

  constructor(options: JudgingOptions) {
    this.#options = options;
    this.#partitions = new RegisterPartitions(options);
  }

  add(operation: Operation): void {
    this.#partitions.add(operation);
  }

  finish(budget: CheckBudget): HistoryVerdict {
    const partitions = this.#partitions.finish();
    const verdicts = partitions
      .sort((a, b) => a.builder.length - b.builder.length)
      .map(({ key, builder }) =>
        judgePartition(key, builder.build(), builder.values.values, budget, this.#options.verify),
      );
    const certificates = verdicts.flatMap(({ certificate }) =>
      certificate === null ? [] : [certificate],
    );
    return { verdict: verdictOf(verdicts), certificates: certificates satisfies Certificate[] };
  }
}

function verdictOf(verdicts: readonly PartitionVerdict[]): Verdict {
  const operations = verdicts.reduce((sum, verdict) => sum + verdict.operations, 0);
  const illegal = verdicts.filter(({ outcome }) => outcome === 'illegal');
  const undecided = verdicts.filter(({ outcome }) => outcome === 'undecided');
  const prefixes = illegal.flatMap(({ legalPrefix }) =>
    legalPrefix === null ? [] : [legalPrefix],
  );
  const figures: Record<string, Value> = {
    keys: verdicts.length,
    operations,
    undecidedKeys: undecided.length,
    steps: verdicts.reduce((sum, { steps }) => sum + steps, 0),
    decidedBy: [...new Set(verdicts.map(({ by }) => by))].sort(),
    verified: verdicts.filter(({ verified }) => verified).length,
    ...(prefixes.length > 0 ? { legalPrefix: prefixes.reduce((a, b) => Math.min(a, b)) } : {}),
  };
  const of = `${String(operations)} operations on ${String(verdicts.length)} keys`;
  const contradicted = verdicts.find(({ contradiction }) => contradiction !== null);
  if (contradicted !== undefined) {
    const summary = `our own engines contradict each other: ${contradicted.contradiction ?? ''}`;
    return { valid: 'unknown', reason: 'harness-failure', summary, figures };
  }
  if (illegal.length > 0) {
    const summary = `not linearizable: ${String(illegal.length)} of ${String(verdicts.length)} keys (${of})`;
    const anomalies = illegal.slice(0, MOST_ANOMALIES).map(anomalyOf);
    return { valid: 'invalid', summary, anomalies, figures };
  }
  if (undecided.length > 0) {
    const summary = `not decided within the budget: ${listOf(undecided.map(reachOf))} (${of}); values written once, or fewer clients or unknown outcomes at a time, would make it decidable`;
    return { valid: 'unknown', reason: 'budget', summary, figures };
  }
  const observed = verdicts.some(({ observations }) => observations > 0);
  const summary = `linearizable: ${of}${observed ? '' : '; nothing was observed'}`;
  return { valid: 'valid', summary, figures };
}

function anomalyOf({ key, explanation, shown }: PartitionVerdict): Anomaly {
  const register = key === null ? 'The register' : `Key ${textOf(key)}`;
  return {
    name: 'nonlinearizable',
    guarantee: GUARANTEE,
    explanation: `${register}: ${explanation}.`,
    operations: shown,
    faults: [],
  };
}

function reachOf({ key, operations, reached }: PartitionVerdict): string {
  const name = key === null ? 'the register' : `key ${textOf(key)}`;
  const where = reached === null ? 'no end' : `line ${String(reached)}`;
  return `${name} (of ${String(operations)} operations, orders were found up to ${where})`;
}
