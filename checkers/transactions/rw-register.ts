/**
 * Transactions that write and read registers, judged as Elle judges them (Kingsbury and Alvaro, "Elle: inferring
 * isolation anomalies from experimental observations", 2020).
 */
import type { CheckBudget } from '../../harness/checker.ts';
import type { HistoryVerdict, JudgingOptions } from '../judging/history-judge.ts';
import { FAIL, READ, WRITE, type TransactionColumns } from './columns.ts';
import type { Expectation } from './consistency-models.ts';
import { externalAccessesOf } from './external-accesses.ts';
import { repeatedVerdict } from './list-append.ts';
import { NONE, transactionsOfOps, writersOf } from './list-versions.ts';
import { findLostUpdates } from './lost-updates.ts';
import { registerDependenciesOf } from './register-dependencies.ts';
import { findRegisterFaults } from './register-faults.ts';
import { registerVersionsOf } from './register-versions.ts';
import { FaultList } from './transaction-faults.ts';
import { transactionVerdict } from './transaction-verdict.ts';

/** Writes that are read must be unique within their key; else the verdict is unknown. */
export function judgeRwRegister(
  columns: TransactionColumns,
  expectation: Expectation,
  budget: CheckBudget,
  versionOrders: JudgingOptions['versionOrders'] = [],
): HistoryVerdict {
  const transactionOf = transactionsOfOps(columns);
  const repeated = repeatedRead(columns, transactionOf);
  if (repeated !== null) return repeatedVerdict(columns, repeated);
  const faults = new FaultList();
  findRegisterFaults(columns, writersOf(columns, transactionOf, WRITE), faults);
  findLostUpdates(columns, transactionOf, faults);
  const accesses = externalAccessesOf(columns);
  const versions = registerVersionsOf(columns, accesses, versionOrders, faults);
  const dependencies = registerDependenciesOf(columns, accesses, versions);
  return transactionVerdict({ columns, dependencies, faults }, expectation, budget);
}

/** A version that several transactions may have written and that was read; null where there is none. */
function repeatedRead(
  { type, kind, value, versions }: TransactionColumns,
  transactionOf: Int32Array,
): { version: number; transactions: number[] } | null {
  const writer = new Int32Array(versions.size).fill(NONE);
  const other = new Int32Array(versions.size).fill(NONE);
  for (let op = 0; op < kind.length; op++) {
    const t = transactionOf[op] as number;
    if (kind[op] !== WRITE || type[t] === FAIL) continue;
    const version = value[op] as number;
    if (writer[version] !== NONE && writer[version] !== t) other[version] = t;
    writer[version] = t;
  }
  for (let op = 0; op < kind.length; op++) {
    const version = value[op] as number;
    if (kind[op] !== READ || version === NONE || other[version] === NONE) continue;
    return { version, transactions: [writer[version] as number, other[version] as number] };
  }
  return null;
}
