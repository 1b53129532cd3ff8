/** What `judge` prints of a history: a line for machines, or words for people. */
import type { Verdict } from '../harness/checker.ts';
import { textOf } from '../checkers/value-text.ts';
import type { CaseResult, ShownOperation } from './judge-task.ts';

/** Orders of more operations than this are not printed. */
const LONGEST_ORDER = 10_000;
const MOST_ANOMALIES = 3;
const MOST_OPERATIONS = 12;

/** One line of JSON. */
export function jsonLine(file: string, format: string, result: CaseResult): string {
  const { verdict, anomalyTypes, not, alsoNot, levels, certificates } = result.verdict;
  const short = certificates.filter(
    (certificate) => !('order' in certificate) || certificate.order.length <= LONGEST_ORDER,
  );
  return JSON.stringify({
    file,
    ...(result.name === null ? {} : { case: result.name }),
    valid: validOf(verdict),
    ...(anomalyTypes === undefined ? {} : { anomalyTypes }),
    ...(not === undefined ? {} : { not }),
    ...(alsoNot === undefined ? {} : { alsoNot }),
    ...(levels === undefined ? {} : { levels }),
    ...(short.length === 0 ? {} : { certificate: short.length === 1 ? short[0] : short }),
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    summary: verdict.summary,
    format,
    model: result.model,
    operations: result.operations,
    milliseconds: Math.round(result.milliseconds * 1000) / 1000,
  });
}

/** `true`, `false` or `unknown`. */
export function validOf({ valid }: Verdict): boolean | 'unknown' {
  return valid === 'unknown' ? 'unknown' : valid === 'valid';
}

/** A line, and for an invalid history what proves it. */
export function textLines(file: string, result: CaseResult): string[] {
  const { verdict, anomalyTypes = [], not = [], levels } = result.verdict;
  const name = result.name === null ? file : `${file} ${result.name}`;
  const told = [
    result.model,
    `${String(result.operations)} operations`,
    `${result.milliseconds.toFixed(result.milliseconds < 10 ? 1 : 0)} ms`,
    ...(anomalyTypes.length > 0 ? [anomalyTypes.join(' ')] : []),
    ...(not.length > 0 ? [`not ${not.join(' ')}`] : []),
    ...(levels === undefined ? [] : [levelsText(levels)]),
  ];
  const lines = [`${name}: ${verdict.valid.toUpperCase()} (${told.join(', ')}) ${verdict.summary}`];
  for (const anomaly of (verdict.anomalies ?? []).slice(0, MOST_ANOMALIES)) {
    lines.push(`  ${anomaly.name}: ${anomaly.guarantee}`);
    lines.push(...anomaly.explanation.split('\n').map((line) => `    ${line}`));
    const indexes = anomaly.operations.slice(0, MOST_OPERATIONS);
    lines.push(...indexes.map((index) => `    ${operationText(index, result.shown)}`));
    const more = anomaly.operations.length - indexes.length;
    if (more > 0) lines.push(`    and ${String(more)} more operations`);
  }
  return lines;
}

/** `causal yes, read-atomic no`. */
function levelsText(levels: Readonly<Record<string, boolean>>): string {
  const words = Object.entries(levels).map(([level, holds]) => `${level} ${holds ? 'yes' : 'no'}`);
  return words.join(', ');
}

function operationText(index: number, shown: readonly ShownOperation[]): string {
  const found = shown.find(({ operation }) => operation.index === index);
  if (found === undefined) return `#${String(index)}`;
  const { process, type, f, value } = found.operation;
  const words = `process ${String(process)} ${type} ${f} ${textOf(value)}`;
  return `#${String(index)} line ${String(found.line)}: ${words}`;
}
