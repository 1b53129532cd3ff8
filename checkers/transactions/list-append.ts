/**
 * Transactions that append to lists and read them, judged as Elle judges them (Kingsbury and Alvaro, "Elle: inferring
 * isolation anomalies from experimental observations", 2020).
 */
import type { CheckBudget } from '../../harness/checker.ts';
import type { HistoryVerdict } from '../judging/history-judge.ts';
import { textOf } from '../value-text.ts';
import type { TransactionColumns } from './columns.ts';
import type { Expectation } from './consistency-models.ts';
import { listDependenciesOf } from './list-dependencies.ts';
import { findListFaults } from './list-faults.ts';
import { listVersionsOf } from './list-versions.ts';
import { findLostUpdates } from './lost-updates.ts';
import { FaultList } from './transaction-faults.ts';
import { placeText } from './transaction-text.ts';
import { transactionVerdict } from './transaction-verdict.ts';

/** Appends must be unique within their key; else the verdict is unknown. */
export function judgeListAppend(
  columns: TransactionColumns,
  expectation: Expectation,
  budget: CheckBudget,
): HistoryVerdict {
  const versions = listVersionsOf(columns);
  if (versions.repeated !== null) return repeatedVerdict(columns, versions.repeated);
  const faults = new FaultList();
  findListFaults(columns, versions, faults);
  findLostUpdates(columns, versions.transactionOf, faults);
  const dependencies = listDependenciesOf(columns, versions);
  return transactionVerdict({ columns, dependencies, faults }, expectation, budget);
}

/** What is written twice cannot be told apart when it is read. */
export function repeatedVerdict(
  columns: TransactionColumns,
  { version, transactions }: { readonly version: number; readonly transactions: readonly number[] },
): HistoryVerdict {
  const { versions } = columns;
  const places = transactions.map((t) => placeText(columns, t)).join(' and ');
  const key = textOf(versions.keyOf(versions.keyIdOf(version)));
  return {
    verdict: {
      valid: 'unknown',
      reason: 'vacuous',
      summary:
        `${textOf(versions.valueOf(version))} was written to key ${key} more than once ` +
        `(${places}); unique values would make the history decidable`,
    },
    anomalyTypes: [],
    not: [],
    alsoNot: [],
    certificates: [],
  };
}
