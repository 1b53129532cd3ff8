/** What every anomaly carries that is proven by pairs of operations. */
import type { Anomaly, RecordedRun } from '../harness/checker.ts';
import { activeFaults } from './fault-windows.ts';
import { indexesOf, type OperationPair } from './operation-pairs.ts';

/** Indexes of the operations, the time they span, and the faults active in it. */
export function proofOf(
  run: Pick<RecordedRun, 'faults'>,
  pairs: readonly OperationPair[],
): Pick<Anomaly, 'operations' | 'faults' | 'from' | 'to'> {
  const times = pairs.flatMap(({ invoke, completion }) => [
    invoke.time,
    (completion ?? invoke).time,
  ]);
  const from = Math.min(...times);
  const to = Math.max(...times);
  return { operations: indexesOf(pairs), faults: activeFaults(run.faults, from, to), from, to };
}
