/** Transactions that write unique values to registers and read them. */
import type { Check } from '../harness/checker.ts';
import { checkTransactions, versionOrdersOption } from './transactions/check-transactions.ts';
import { judgeRwRegister } from './transactions/rw-register.ts';

/**
 * Operations of value `[['w', key, value], ['r', key, value], …]`; reads are null until they are answered.
 * Options: see checkTransactions; and `versionOrders`, assumptions by which versions of a key are ordered: `wfr-keys`,
 * `sequential-keys`, `linearizable-keys` (default none: only that nothing comes before the initial state).
 */
export const checkRwRegister: Check = (run, options, budget) => {
  const versionOrders = versionOrdersOption(options);
  return checkTransactions(run, options, budget, 'registers', (columns, expectation, left) =>
    judgeRwRegister(columns, expectation, left, versionOrders),
  );
};
