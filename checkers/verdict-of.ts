/** Verdicts from what a checker found. */
import type { Anomaly, Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { listOf } from './value-text.ts';

type Figures = Readonly<Record<string, Value>>;

/** Invalid when there are anomalies, else valid. @param fine one sentence, said when there are none. */
export function verdictOf(anomalies: readonly Anomaly[], figures: Figures, fine: string): Verdict {
  if (anomalies.length === 0) return { valid: 'valid', summary: fine, figures };
  const names = [...new Set(anomalies.map(({ name }) => name))];
  const count = `${String(anomalies.length)} ${anomalies.length === 1 ? 'anomaly' : 'anomalies'}`;
  return { valid: 'invalid', summary: `${count}: ${listOf(names)}`, anomalies, figures };
}

/** Unknown: the history does not hold what the checker judges. */
export function vacuousVerdict(summary: string, figures: Figures): Verdict {
  return { valid: 'unknown', reason: 'vacuous', summary, figures };
}
