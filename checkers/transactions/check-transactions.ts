/** Transactions of a recorded run as a check: options, columns, verdict with times and faults. */
import type { Anomaly, CheckBudget, RecordedRun, Verdict } from '../../harness/checker.ts';
import { namesOption, type CheckOptions } from '../check-options.ts';
import { activeFaults } from '../fault-windows.ts';
import type { HistoryVerdict, JudgingOptions } from '../judging/history-judge.ts';
import { ColumnsBuilder } from './columns-builder.ts';
import type { TransactionColumns } from './columns.ts';
import type { Expectation } from './consistency-models.ts';
import { expectationFor } from './elle-judges.ts';

const VERSION_ORDERS = ['wfr-keys', 'sequential-keys', 'linearizable-keys'] as const;

/** Assumptions by which versions of registers are ordered. @throws TypeError when one is unknown. */
export function versionOrdersOption(options: CheckOptions): JudgingOptions['versionOrders'] {
  return namesOption(options, 'versionOrders', []).map((name) => {
    const known = VERSION_ORDERS.find((order) => order === name);
    if (known !== undefined) return known;
    throw new TypeError(
      `option versionOrders: expected some of ${VERSION_ORDERS.join(', ')}, got '${name}'`,
    );
  });
}

/**
 * Options: `f`, the operations that are transactions (default ['txn']); `consistency`, models to hold the history against
 * (default ['strict-serializable']); `anomalies`, further anomalies that are not allowed (default none).
 */
export function checkTransactions(
  run: RecordedRun,
  options: CheckOptions,
  budget: CheckBudget,
  reads: 'lists' | 'registers',
  judge: (
    columns: TransactionColumns,
    expectation: Expectation,
    budget: CheckBudget,
  ) => HistoryVerdict,
): Verdict {
  const names = new Set(namesOption(options, 'f', ['txn']));
  const expectation = expectationFor({
    consistency: namesOption(options, 'consistency', []),
    anomalies: namesOption(options, 'anomalies', []),
    realtime: true,
  });
  const builder = new ColumnsBuilder(reads);
  for (const operation of run.history) if (names.has(operation.f)) builder.add(operation);
  const columns = builder.finish();
  if (columns.count === 0) {
    return { valid: 'unknown', reason: 'vacuous', summary: 'the run holds no transaction' };
  }
  const { verdict, not = [], alsoNot = [] } = judge(columns, expectation, budget);
  const anomalies = verdict.anomalies?.map((anomaly) => placed(run, anomaly));
  return {
    ...verdict,
    ...(anomalies === undefined ? {} : { anomalies }),
    figures: { ...verdict.figures, not: [...not], alsoNot: [...alsoNot] },
  };
}

/** With the time it spans, and the faults that were active then. */
function placed(run: RecordedRun, anomaly: Anomaly): Anomaly {
  const times = anomaly.operations.flatMap((index) => {
    const operation = run.history[index];
    return operation === undefined ? [] : [operation.time];
  });
  if (times.length === 0) return anomaly;
  const from = Math.min(...times);
  const to = Math.max(...times);
  return { ...anomaly, from, to, faults: activeFaults(run.faults, from, to) };
}
