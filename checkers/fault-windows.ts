/** What a run's fault records say: which fault was in effect when, at the widest. */
import type { FaultRecord, FaultStep, Observation, Targets } from '../harness/nemesis.ts';
import type { Nanoseconds } from '../harness/operation.ts';
import { onceFor } from './once-for.ts';

export interface FaultWindow {
  readonly id: string;
  readonly kind: string;
  readonly targets: Targets | null;
  /** Not in effect before this. Null: never fired. */
  readonly from: Nanoseconds | null;
  /** Verified healed by then (pessimistic edge). Null: not healed as far as the records go. */
  readonly to: Nanoseconds | null;
  /** Whether it was seen to take effect. */
  readonly verified: boolean;
  /** What confirmed it then. */
  readonly observations: readonly Observation[];
  /** Why it was skipped or failed, when it was. */
  readonly skipped: string | null;
  readonly failed: string | null;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** One window for each intended fault, in the order of the records. */
export const faultWindows = onceFor((records: readonly FaultRecord[]): readonly FaultWindow[] => {
  const windows = new Map<string, Mutable<FaultWindow>>();
  for (const record of records) {
    if (record.state === 'intended') {
      windows.set(record.step.id, emptyWindow(record.step.id, record.step));
      continue;
    }
    const window = windows.get(record.id) ?? emptyWindow(record.id, null);
    windows.set(record.id, window);
    applyRecord(window, record);
  }
  return [...windows.values()];
});

function emptyWindow(id: string, step: FaultStep | null): Mutable<FaultWindow> {
  return {
    id,
    kind: step?.kind ?? id,
    targets: null,
    from: null,
    to: null,
    verified: false,
    observations: [],
    skipped: null,
    failed: null,
  };
}

function applyRecord(
  window: Mutable<FaultWindow>,
  record: Exclude<FaultRecord, { readonly state: 'intended' }>,
): void {
  if (record.targets !== undefined) window.targets = record.targets;
  const reason = record.reason ?? 'no reason recorded';
  if (record.state === 'fired') window.from = record.notBefore;
  else if (record.state === 'verified') {
    window.verified = true;
    window.observations = (record.observations ?? []).filter(({ confirms }) => confirms);
  } else if (record.state === 'healed') window.to = record.notAfter;
  else if (record.state === 'skipped') window.skipped = reason;
  else if (record.state === 'failed') window.failed = reason;
}

/** Ids of the faults that may have been in effect at some moment of [from, to]. */
export function activeFaults(
  records: readonly FaultRecord[],
  from: Nanoseconds,
  to: Nanoseconds,
): string[] {
  return faultWindows(records)
    .filter((window) => window.from !== null && window.from <= to)
    .filter((window) => window.to === null || window.to >= from)
    .map((window) => window.id);
}
