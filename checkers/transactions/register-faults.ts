/** Anomalies of registers that show in one transaction or two, without any cycle. */
import { FAIL, OK, READ, type TransactionColumns } from './columns.ts';
import { NONE, type ListVersions } from './list-versions.ts';
import type { FaultList } from './transaction-faults.ts';

/**
 * - `G1a`: a read shows what a failed transaction wrote.
 * - `G1b`: a read shows what its transaction wrote over.
 * - `internal`: a read contradicts the transaction's own reads and writes before.
 */
export function findRegisterFaults(
  columns: TransactionColumns,
  { writer, isIntermediate }: Pick<ListVersions, 'writer' | 'isIntermediate'>,
  faults: FaultList,
): void {
  const { count, type, firstOp, endOp, kind, key, value, versions } = columns;
  const touchedBy = new Int32Array(versions.keys.size).fill(NONE);
  const expected = new Int32Array(versions.keys.size);
  for (let t = 0; t < count; t++) {
    if (type[t] !== OK) continue;
    const end = endOp[t] as number;
    let isContradicted = false;
    for (let op = firstOp[t] as number; op < end; op++) {
      const k = key[op] as number;
      const version = value[op] as number;
      if (kind[op] === READ) {
        const by = writer[version] as number;
        if (by !== NONE && type[by] === FAIL) faults.add('G1a', k, version, [by, t]);
        if (by !== NONE && by !== t && isIntermediate[version] === 1) {
          faults.add('G1b', k, version, [by, t]);
        }
        if (touchedBy[k] === t && expected[k] !== version && !isContradicted) {
          isContradicted = true;
          faults.add('internal', k, version, [t]);
        }
      }
      touchedBy[k] = t;
      expected[k] = version;
    }
  }
}
