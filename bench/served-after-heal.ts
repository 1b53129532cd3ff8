/** What a run's clients got after its last fault was healed. */
import type { FaultRecord } from '../harness/nemesis.ts';
import type { Operation } from '../harness/operation.ts';
import type { RunStore } from '../harness/store.ts';

export interface ServedAfterHeal {
  /** Operations begun after the last heal. */
  readonly asked: number;
  /** Those of them that ended `ok`, or were rejected by the system's own judgement. */
  readonly served: number;
}

/** Of a run kept in memory. */
export function servedAfterHeal(store: RunStore): ServedAfterHeal {
  const faults = store.lines('faults.jsonl').map((line) => JSON.parse(line) as FaultRecord);
  const healedAt = faults.reduce(
    (latest, record) => (record.state === 'healed' ? Math.max(latest, record.notAfter) : latest),
    0,
  );
  const open = new Set<number>();
  let [asked, served] = [0, 0];
  for (const line of store.lines('history.jsonl')) {
    const { type, process, time, error } = JSON.parse(line) as Operation;
    if (type === 'invoke') {
      if (time < healedAt) continue;
      open.add(process);
      asked++;
    } else if (open.delete(process) && (type === 'ok' || error?.kind === 'rejected')) served++;
  }
  return { asked, served };
}
