/** `faultline check <run>`: judges a stored run again, with the checkers of today. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { type CheckerRef, type Verdict, worst } from '../harness/checker.ts';
import { SYSTEMS } from '../clusters/registry.ts';
import { judge } from '../harness/judge.ts';
import { type KnownIssueContext, markKnown } from '../harness/known-issue.ts';
import { OWN_VERDICTS, summarise } from '../harness/phases/judge-run.ts';
import { CorruptJournalError, readRun, writeResults } from '../harness/store.ts';
import { writeReport } from '../report/report.ts';
import { exitCodeOfRun, UsageError } from './exit-code.ts';
import type { Exit } from './main.ts';
import { describeVerdict } from './outcome.ts';

/** The command. */
export function checkCommand(exit: Exit): Command {
  return new Command('check')
    .description('judge a stored run again')
    .argument('<run>', 'a run directory, such as runs/latest')
    .option('--allow-known', 'what only known issues make invalid does not count')
    .option('--json', 'print the result as JSON on stdout')
    .action(async (directory: string, options: { json?: true; allowKnown?: true }) => {
      requireRun(directory);
      const { spec, faults, warnings } = read(directory);
      for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
      const checkers = spec['checkers'] as readonly CheckerRef[];
      const judged = await judge({ directory, checkers });
      const verdicts = markKnown(
        { ...judged.verdicts, ...verdictsOfTheRunItself(directory) },
        { ...issuesFor(spec), faults, directory },
      );
      const validity = worst(Object.values(verdicts).map((verdict) => verdict.valid));
      const summary = summarise(validity, verdicts);
      writeResults(directory, { validity, summary, verdicts });
      const report = await writeReport(directory);
      if (options.json === true) {
        process.stdout.write(
          `${JSON.stringify({ validity, summary, directory, verdicts, warnings, report })}\n`,
        );
      } else {
        const lines = Object.entries(verdicts).flatMap(([name, verdict]) =>
          describeVerdict(name, verdict),
        );
        process.stdout.write(
          `${directory}: ${validity.toUpperCase()}\n${lines.join('\n')}\nreport  ${report}\n`,
        );
      }
      exit(exitCodeOfRun({ validity, verdicts }, options.allowKnown === true));
    });
}

/** The list of today, as the checkers are those of today. */
function issuesFor(
  spec: Readonly<Record<string, unknown>>,
): Pick<KnownIssueContext, 'issues' | 'versions'> {
  const system = SYSTEMS.find(({ name }) => name === spec['system']);
  const { version, otherVersions } = spec;
  const versions = [version, otherVersions].flat() as readonly unknown[];
  return {
    issues: system?.knownIssues ?? [],
    versions: versions.filter((each) => typeof each === 'string'),
  };
}

function requireRun(directory: string): void {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    throw new UsageError(
      `check: no such directory: ${directory} (faultline list runs shows what there is)`,
    );
  }
  for (const file of ['spec.json', 'history.jsonl']) {
    if (!existsSync(join(directory, file))) {
      throw new UsageError(`check: ${directory} is not a run directory: it has no ${file}`);
    }
  }
}

/** What the harness said of itself then (a failure, an interruption) is no checker's to take back. */
function verdictsOfTheRunItself(directory: string): Readonly<Record<string, Verdict>> {
  const path = join(directory, 'results.json');
  if (!existsSync(path)) return {};
  try {
    const stored = JSON.parse(readFileSync(path, 'utf8')) as { verdicts?: Record<string, Verdict> };
    const entries = Object.entries(stored.verdicts ?? {});
    return Object.fromEntries(entries.filter(([name]) => OWN_VERDICTS.includes(name)));
  } catch (error) {
    if (error instanceof SyntaxError) return {}; // Half-written: it is written anew.
    throw error;
  }
}

function read(directory: string): ReturnType<typeof readRun> {
  try {
    return readRun(directory);
  } catch (error) {
    if (error instanceof CorruptJournalError) throw new UsageError(`check: ${error.message}`);
    throw error;
  }
}
