/** Runs of real clusters, as test/corpus/runs keeps them. */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type Check, moduleUrl, ownChecker } from '../../harness/checker.ts';
import type { CheckerRef, RecordedRun, RunFacts, Verdict } from '../../harness/checker.ts';
import type { Value } from '../../harness/operation.ts';
import { projectPath } from '../../harness/project-path.ts';
import { parseRun } from '../../harness/read-run.ts';

const FOLDER = projectPath('test/corpus/runs/');

export interface KeptRun extends RecordedRun {
  /** The checkers of its workload, and those that every run is judged by. */
  readonly checkers: readonly CheckerRef[];
}

/** Names of all runs that are kept. */
export function keptRuns(): string[] {
  const entries = readdirSync(FOLDER, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

export function keptRun(name: string): KeptRun {
  const run = parseRun((file) => gunzipSync(readFileSync(`${FOLDER}/${name}/${file}.gz`)));
  const text = readFileSync(`${FOLDER}/${name}/spec.json`, 'utf8');
  const { facts, checkers } = JSON.parse(text) as {
    readonly facts: RunFacts;
    readonly checkers: readonly CheckerRef[];
  };
  return { ...run, facts, checkers };
}

/** The verdict of the checker at this path, as `checkers/set`, of this name. */
export async function judged(
  run: RecordedRun,
  [path, name, options = {}]: readonly [string, string, Readonly<Record<string, Value>>?],
): Promise<Verdict> {
  const module = (await import(moduleUrl(ownChecker(path, name)))) as Record<string, Check>;
  const check = module[name];
  if (check === undefined) throw new RangeError(`${path} has no ${name}`);
  return check(run, options, { timeMs: 60_000 });
}
