/** Anomalies of list-append that are no cycles: the same names as by definition. */
import { ELLE_JUDGES } from '../../checkers/transactions/elle-judges.ts';
import {
  drawTransactions,
  drawTransactionShape,
  shrunkTransactions,
} from '../oracles/generate-transactions.ts';
import { listAnomalies } from '../oracles/list-anomalies.ts';
import { transactionLines, type Txn } from '../oracles/transaction-history.ts';
import { PLAIN, verdictOn } from './fuzz-judges.ts';
import { armOf, type Arm } from './fuzz-run.ts';

const NAMES = new Set([
  'G1a',
  'G1b',
  'internal',
  'future-read',
  'duplicate-elements',
  'incompatible-order',
  'dirty-update',
  'lost-update',
]);
const LIST_APPEND = ELLE_JUDGES.find(({ name }) => name === 'list-append')!;

export const LIST_ANOMALIES: Arm = armOf<Txn[]>({
  name: 'list-append anomalies',
  draw: (chance) => {
    const shape = drawTransactionShape(chance, 6);
    return drawTransactions(chance, 'lists', { ...shape, damages: shape.damages + 1, failed: 0.1 });
  },
  judge: (made, tally) => {
    const expected = [...listAnomalies(made)].sort();
    const verdict = verdictOn(LIST_APPEND, transactionLines(made, 'lists'), PLAIN);
    const found = (verdict.anomalyTypes ?? []).filter((name) => NAMES.has(name)).sort();
    const same = expected.join() === found.join();
    const legal = expected.length === 0;
    tally.judged('list-append anomalies', legal, found.length === 0 ? 'valid' : 'invalid');
    if (!same)
      tally.wrong('list-append anomalies', `expected ${expected.join()}, found ${found.join()}`);
  },
  shrink: shrunkTransactions,
  show: (made) =>
    transactionLines(made, 'lists')
      .map((line) => JSON.stringify(line))
      .join('\n'),
});
