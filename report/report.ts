/** The report of a run: one HTML file that opens offline and shows why the verdict is what it is. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Validity, Verdict } from '../harness/checker.ts';
import type { Operation } from '../harness/operation.ts';
import { readRun } from '../harness/store.ts';
import { type Band, drawingOf } from './drawing.ts';
import { evidencePicture, standalone } from './evidence-picture.ts';
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
  writePictures(directory, results, run.history, drawing.bands);
  const path = join(directory, 'report.html');
  writeFileSync(
    path,
    renderPage({ spec: run.spec, results, drawing, lines, history: run.history }),
  );
  return path;
}

/** `evidence/<checker>-<number>.svg`, one for each anomaly that names operations. */
function writePictures(
  directory: string,
  results: Results,
  history: readonly Operation[],
  bands: readonly Band[],
): void {
  const folder = join(directory, 'evidence');
  rmSync(folder, { recursive: true, force: true });
  for (const [checker, { anomalies = [] }] of Object.entries(results.verdicts)) {
    for (const [number, anomaly] of anomalies.entries()) {
      const picture = evidencePicture(anomaly, history, bands);
      if (picture === null) continue;
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${checker}-${number + 1}.svg`), standalone(picture));
    }
  }
}

function readResults(directory: string): Results {
  const path = join(directory, 'results.json');
  if (!existsSync(path)) {
    return { validity: 'unknown', summary: 'not judged yet (faultline check)', verdicts: {} };
  }
  return JSON.parse(readFileSync(path, 'utf8')) as Results;
}
