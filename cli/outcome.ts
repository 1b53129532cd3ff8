/** What a person sees at the end of a run: the verdict, its evidence in words, where the report is. */
import { join } from 'node:path';
import type { Verdict } from '../harness/checker.ts';
import { isKnown, knownIssuesIn } from '../harness/known-issue.ts';
import type { RunResult, TestSpec } from '../harness/test.ts';
import { writeReport } from '../report/report.ts';
import { exitCodeOfRun } from './exit-code.ts';

/** Writes the report, prints the result. @returns the exit code; with `allowKnown` what is known does not count */
export async function outcome(
  result: RunResult,
  spec: TestSpec,
  { json, allowKnown }: { readonly json?: true; readonly allowKnown?: true },
): Promise<number> {
  const report = result.directory === null ? null : await reportOf(result.directory);
  if (json === true) process.stdout.write(`${JSON.stringify({ ...plain(result), report })}\n`);
  else process.stdout.write(describe(result, spec, report));
  return exitCodeOfRun(result, allowKnown === true);
}

/** A report that cannot be written (a full disk) takes nothing from the verdict. */
async function reportOf(directory: string): Promise<string | null> {
  try {
    return await writeReport(directory);
  } catch (error) {
    process.stderr.write(`no report: ${error instanceof Error ? error.message : String(error)}\n`);
    return null;
  }
}

function plain(result: RunResult): object {
  const { validity, summary, directory, verdicts, leftovers } = result;
  const known = knownIssuesIn(verdicts);
  return { validity, summary, known, directory, verdicts, leftovers };
}

function describe(result: RunResult, spec: TestSpec, report: string | null): string {
  const lines = [`${spec.name}: ${result.validity.toUpperCase()}`];
  for (const [name, verdict] of Object.entries(result.verdicts)) {
    lines.push(...describeVerdict(name, verdict));
  }
  lines.push(`seed ${spec.seed}`);
  if (result.directory !== null) lines.push(`history ${join(result.directory, 'history.jsonl')}`);
  if (report !== null) lines.push(`report  ${report}`);
  lines.push(`again   ${spec.again}`);
  return `${lines.join('\n')}\n`;
}

/** `  ok      set: 512 added, none lost`, and the evidence of an anomaly below it. */
export function describeVerdict(name: string, verdict: Verdict): string[] {
  const mark = { valid: 'ok', unknown: 'unknown', invalid: 'INVALID' }[verdict.valid];
  const lines = [`  ${(isKnown(verdict) ? 'known' : mark).padEnd(8)}${name}: ${verdict.summary}`];
  // What nobody has seen yet is told before what is known.
  const anomalies = [...(verdict.anomalies ?? [])].sort(
    (a, b) => Number(a.known !== undefined) - Number(b.known !== undefined),
  );
  for (const anomaly of anomalies.slice(0, 3)) {
    lines.push(`      ${anomaly.name}: ${anomaly.guarantee}`);
    const { known } = anomaly;
    if (known !== undefined) lines.push(`        known: ${known.issue} (${known.link})`);
    lines.push(...anomaly.explanation.split('\n').map((line) => `        ${line}`));
    lines.push(`        operations ${anomaly.operations.slice(0, 20).join(', ')}`);
  }
  return lines;
}
