/** The outcome of a fuzz for a reader. */
import type { FuzzResult } from './fuzz-run.ts';

export function textOfResult(
  { tally, mismatches, drawn, judged }: FuzzResult,
  seconds: number,
): string {
  const rows = [...tally.engines].map(([engine, counts]) => {
    const { histories, legal, undecided, evidence } = counts;
    const share = ((100 * legal) / Math.max(1, histories)).toFixed(0);
    return (
      `${engine.padEnd(44)} ${String(histories).padStart(9)} ${share.padStart(4)} % legal` +
      `${String(evidence).padStart(9)} evidence${undecided === 0 ? '' : `  ${String(undecided)} undecided`}`
    );
  });
  const shown = mismatches.map(
    ({ arm, engine, problem, shown: text }) =>
      `\nMISMATCH ${arm}: ${engine}: ${problem}\n${text}\n`,
  );
  const pace = Math.round(judged / seconds);
  const total =
    `${String(judged)} histories judged by engines (${String(drawn)} drawn) in ${seconds.toFixed(1)} s, ` +
    `${String(pace)} a second; ${String(mismatches.length)} mismatches\n`;
  return `${[...rows, ...shown].join('\n')}\n${total}`;
}
