/** The report of a run: one HTML file that opens offline and shows why the verdict is what it is. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Validity, Verdict } from '../harness/checker.ts';
import { readRun } from '../harness/store.ts';
import { drawingOf } from './drawing.ts';
import { logLinesAround } from './log-lines.ts';
import { renderPage } from './page.ts';

/** What results.json holds. */
export interface Results {
  readonly validity: Validity;
  readonly summary: string;
  readonly verdicts: Readonly<Record<string, Verdict>>;
}

/** Writes `report.html` into the run directory. @returns its path */
export async function writeReport(directory: string): Promise<string> {
  const run = readRun(directory);
  const results = readResults(directory);
  const drawing = drawingOf(run, results);
  const lines = logLinesAround(join(directory, 'nodes'), run.spec, drawing.focus);
  const path = join(directory, 'report.html');
  writeFileSync(
    path,
    renderPage({ spec: run.spec, results, drawing, lines, history: run.history }),
  );
  return path;
}

function readResults(directory: string): Results {
  const path = join(directory, 'results.json');
  if (!existsSync(path)) {
    return { validity: 'unknown', summary: 'not judged yet (faultline check)', verdicts: {} };
  }
  return JSON.parse(readFileSync(path, 'utf8')) as Results;
}
