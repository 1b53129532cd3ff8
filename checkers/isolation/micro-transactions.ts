/** Histories of transactions in one line of text each, for tests: `w x 1, r y 2` is a write and a read. */
import type { Operation, OperationType, Value } from '../../harness/operation.ts';
import { historyOf } from '../micro-history.ts';
import type { Line } from '../micro-history.ts';
import { ColumnsBuilder } from '../transactions/columns-builder.ts';
import type { TransactionColumns } from '../transactions/columns.ts';

/** `[session, text, how it ended]`; ok when not told. */
export type MicroTransaction = readonly [number, string, Exclude<OperationType, 'invoke'>?];

/** Each is called and answered before the next. `nil` is absent. */
export function historyOfTransactions(transactions: readonly MicroTransaction[]): Operation[] {
  return historyOf(
    transactions.flatMap(([session, text, type = 'ok']): Line[] => {
      const answered = text.split(',').map(microOf);
      const asked = answered.map(([f, key, value]) => [f, key, f === 'r' ? null : value]);
      return [
        [session, 'invoke', 'txn', asked],
        [session, type, 'txn', type === 'ok' ? answered : asked],
      ];
    }),
  );
}

export function columnsOfTransactions(
  transactions: readonly MicroTransaction[],
): TransactionColumns {
  const builder = new ColumnsBuilder('registers');
  for (const operation of historyOfTransactions(transactions)) builder.add(operation);
  return builder.finish();
}

function microOf(text: string): [string, string, Value] {
  const [f = '', key = '', value = ''] = text.trim().split(' ');
  return [f, key, value === 'nil' ? null : Number(value)];
}
