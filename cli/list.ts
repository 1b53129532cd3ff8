/** `faultline list <what>`: everything that can be named on the command line. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { readFigures } from '../bench/fault-figures.ts';
import { SYSTEMS } from '../clusters/registry.ts';
import { unknownName } from '../harness/nearest.ts';
import { PACKAGES } from '../nemesis/registry.ts';
import { REGRESSIONS } from '../regressions/registry.ts';
import { rowsOf } from '../regressions/regression.ts';
import { CHECKERS } from './checker-list.ts';
import { UsageError } from './exit-code.ts';
import { faultPage } from './fault-page.ts';
import type { Exit } from './main.ts';

type Row = Readonly<Record<string, unknown>> & { readonly name: string };

const LISTS: Readonly<Record<string, (runsDirectory: string) => Row[]>> = {
  systems: () =>
    SYSTEMS.map(({ name, versions, defaultVersion, testbeds }) => ({
      name,
      defaultVersion,
      testbeds,
      versions,
    })),
  workloads: () =>
    SYSTEMS.flatMap((system) =>
      system.workloads.map(({ name, summary }) => ({ name: `${system.name} ${name}`, summary })),
    ),
  faults: () =>
    PACKAGES.flatMap((pack) => [
      { name: pack.name, summary: pack.summary },
      ...pack.kinds
        .filter((kind) => kind.kind !== pack.name)
        .map(({ kind, summary, selectors }) => ({
          name: kind,
          package: pack.name,
          summary,
          selectors,
        })),
    ]),
  checkers: () => CHECKERS.map(([name, summary]) => ({ name, summary })),
  regressions: () =>
    REGRESSIONS.map((regression) => ({
      name: regression.name,
      title: regression.title,
      rows: rowsOf(regression).map((row) => `${row.name} (${row.expected})`),
      issue: regression.issue,
    })),
  runs: storedRuns,
};

/** The command. */
export function listCommand(exit: Exit): Command {
  const names = Object.keys(LISTS);
  return new Command('list')
    .description(`list ${names.join(', ')}`)
    .argument('<what>', names.join(' | '))
    .option('--runs-dir <folder>', 'where run directories are', 'runs')
    .option('--json', 'print as JSON')
    .option('--markdown', 'of faults: their page, docs/faults.md')
    .action((what: string, options: { runsDir: string; json?: true; markdown?: true }) => {
      const list = LISTS[what];
      if (list === undefined) throw new UsageError(unknownName('list', what, names));
      if (options.markdown === true) {
        if (what !== 'faults') throw new UsageError('--markdown: only faults have a page');
        process.stdout.write(faultPage(PACKAGES, readFigures()));
        return exit(0);
      }
      const rows = list(options.runsDir);
      if (options.json === true) process.stdout.write(`${JSON.stringify(rows)}\n`);
      else process.stdout.write(rows.length === 0 ? 'none\n' : rows.map(line).join(''));
      exit(0);
    });
}

function line({ name, ...rest }: Row): string {
  const cells = Object.entries(rest).map(([key, value]) =>
    key === 'summary' || key === 'title' ? String(value) : `${key}: ${[value].flat().join(' ')}`,
  );
  return `${name.padEnd(28)} ${cells.join('; ')}\n`;
}

/** Runs newest first, each with its verdict as results.json has it. */
function storedRuns(runsDirectory: string): Row[] {
  if (!existsSync(runsDirectory)) return [];
  const folders = readdirSync(runsDirectory, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const runs = folders.flatMap((test) =>
    readdirSync(join(runsDirectory, test.name)).map((run) => join(runsDirectory, test.name, run)),
  );
  return runs
    .filter((run) => existsSync(join(run, 'spec.json')))
    .sort((a, b) => b.slice(b.lastIndexOf('/')).localeCompare(a.slice(a.lastIndexOf('/'))))
    .map((run) => ({ name: run, summary: verdictOf(run) }));
}

function verdictOf(run: string): string {
  const path = join(run, 'results.json');
  if (!existsSync(path)) return 'not judged (faultline check)';
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { summary?: string }).summary ?? 'no summary';
  } catch {
    return 'results.json is not readable (faultline check)';
  }
}
