/** `judge --pictures DIR`: what proves an invalid history, drawn. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Operation } from '../harness/operation.ts';
import { evidencePicture, standalone } from '../report/evidence-picture.ts';
import type { CaseResult } from './judge-task.ts';

/** One SVG for each of the anomalies told, `<file>[-<case>]-<number>.svg`. @returns their paths */
export function writePictures(folder: string, file: string, result: CaseResult): string[] {
  const history: Operation[] = [];
  for (const { operation } of result.shown) history[operation.index] = operation;
  const name = [basename(file), ...(result.name === null ? [] : [result.name])].join('-');
  const paths: string[] = [];
  for (const [at, anomaly] of (result.verdict.verdict.anomalies ?? []).entries()) {
    const picture = evidencePicture(anomaly, history, []);
    if (picture === null) continue;
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${name.replaceAll(/[^\w.@+=-]/g, '-')}-${String(at + 1)}.svg`);
    writeFileSync(path, standalone(picture));
    paths.push(path);
  }
  return paths;
}
