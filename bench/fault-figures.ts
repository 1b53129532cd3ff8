/** What was measured of each fault kind, as docs/faults.md shows it. */
import { readFileSync } from 'node:fs';
import type { FaultRecord } from '../harness/nemesis.ts';
import { MILLISECOND } from '../harness/operation.ts';
import { projectPath } from '../harness/project-path.ts';
import { median } from './median.ts';

/** One kind's figures, or why there are none. */
export type KindFigure =
  | {
      /** Medians, in milliseconds; `healMs` is null of a fault that is not healed. */
      readonly fireMs: number;
      readonly healMs: number | null;
      readonly repeats: number;
    }
  | { readonly skipped: string };

export interface FaultFigures {
  /** On what: processors, kernel, engine. */
  readonly machine: string;
  /** Day of the measurement, `2026-11-21`. */
  readonly day: string;
  readonly kinds: Readonly<Record<string, KindFigure>>;
}

const PATH = 'bench/figures/faults.json';

export function figuresPath(): string {
  return projectPath(PATH);
}

/** The committed figures. */
export function readFigures(): FaultFigures {
  return JSON.parse(readFileSync(figuresPath(), 'utf8')) as FaultFigures;
}

/** Whether it was tried at all, so that without a figure something is wrong. */
export function wasTried(kind: string, records: readonly FaultRecord[]): boolean {
  return !stepsOf(kind, records).some(({ state }) => state === 'skipped');
}

/** One kind's figures from what a run recorded of its steps. */
export function figureOf(kind: string, records: readonly FaultRecord[]): KindFigure {
  const mine = stepsOf(kind, records);
  const fired = tookOf(mine, 'verified');
  if (fired.length === 0) return { skipped: reasonOf(mine) };
  const healed = tookOf(mine, 'healed');
  return {
    fireMs: rounded(median(fired)),
    healMs: healed.length === 0 ? null : rounded(median(healed)),
    repeats: fired.length,
  };
}

function stepsOf(kind: string, records: readonly FaultRecord[]): readonly FaultRecord[] {
  return records.filter(
    (record) => record.state !== 'intended' && record.id.replace(/-\d+$/u, '') === kind,
  );
}

function tookOf(records: readonly FaultRecord[], state: 'verified' | 'healed'): readonly number[] {
  return records.flatMap((record) =>
    record.state === state && record.tookNanos !== undefined ? [record.tookNanos] : [],
  );
}

function reasonOf(records: readonly FaultRecord[]): string {
  const reasons = records.flatMap((record) =>
    record.state === 'skipped' || record.state === 'failed' ? [record.reason ?? ''] : [],
  );
  return reasons[0] ?? 'it was not reached in the time of the run';
}

/** Milliseconds, to three digits. */
function rounded(nanos: number): number {
  return Number((nanos / MILLISECOND).toPrecision(3));
}
