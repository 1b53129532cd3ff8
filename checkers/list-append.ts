/** Transactions that append unique elements to lists and read the lists. */
import type { Check } from '../harness/checker.ts';
import { checkTransactions } from './transactions/check-transactions.ts';
import { judgeListAppend } from './transactions/list-append.ts';

/**
 * Operations of value `[['append', key, element], ['r', key, list], …]`; reads are null until they are answered.
 * Options: see checkTransactions.
 */
export const checkListAppend: Check = (run, options, budget) =>
  checkTransactions(run, options, budget, 'lists', judgeListAppend);
