/** `npm test`: the unit tests, the checkers' corpora and fuzz, then the live ones wherever Docker can be had. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { realClock } from '../harness/clock.ts';
import { SECOND } from '../harness/operation.ts';
import { EngineUnavailableError, ensureEngine } from '../harness/testbeds/docker/engine.ts';
import { EXIT } from './exit-code.ts';
import type { Exit } from './main.ts';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0 };

/** The commands `test` (unit, checkers and live) and, for the slower systems, `test --systems`. */
export function testCommand(exit: Exit): Command {
  return new Command('test')
    .description('run the tests (npm test)')
    .option('--systems', 'the slower tests of every system instead')
    .action(async (options: { systems?: true }) => {
      const parts = options.systems === true ? ['systems'] : ['unit', 'checkers', 'live'];
      let counts = NOTHING;
      for (const part of parts) counts = sum(counts, await runPart(part));
      process.stdout.write(
        `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`,
      );
      exit(counts.failed === 0 ? EXIT.valid : EXIT.invalid);
    });
}

async function runPart(part: string): Promise<Counts> {
  const clock = realClock();
  if (part === 'live' || part === 'systems') {
    const missing = await engineMissing();
    if (missing !== null) return skipPart(part, missing);
  }
  const counts = await vitest(part);
  process.stdout.write(`${part} tests took ${(clock.now() / SECOND).toFixed(1)} s\n`);
  return counts;
}

/** Null when there is an engine, else why not. */
async function engineMissing(): Promise<string | null> {
  try {
    const say = (line: string): void => void process.stderr.write(`  ${line}\n`);
    await ensureEngine({ clock: realClock(), say });
    return null;
  } catch (error) {
    if (error instanceof EngineUnavailableError) return error.message;
    throw error;
  }
}

/** In CI a missing engine is a failure: the live part is never skipped there. */
function skipPart(part: string, reason: string): Counts {
  const inCi = process.env['CI'] !== undefined && process.env['CI'] !== '';
  process.stdout.write(`${inCi ? 'FAILED' : 'skipped'}: the ${part} tests: ${reason}\n`);
  return inCi ? { ...NOTHING, failed: 1 } : { ...NOTHING, skipped: 1 };
}

async function vitest(project: string): Promise<Counts> {
  const directory = mkdtempSync(join(tmpdir(), 'faultline-test-'));
  const output = join(directory, 'results.json');
  try {
    const { execa } = await import('execa');
    const { exitCode } = await execa(
      'node_modules/.bin/vitest',
      [
        'run',
        '--project',
        project,
        '--reporter=default',
        '--reporter=json',
        `--outputFile=${output}`,
      ],
      { stdio: ['ignore', 'inherit', 'inherit'], reject: false },
    );
    return tally(readFileSync(output, 'utf8'), exitCode ?? EXIT.crash);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function tally(json: string, exitCode: number): Counts {
  const results = JSON.parse(json) as {
    numPassedTests: number;
    numFailedTests: number;
    numPendingTests: number;
    numTodoTests: number;
    testResults: { status: string; assertionResults: { status: string }[] }[];
  };
  // A file that cannot be loaded or set up fails no test of its own, yet it failed.
  const files = results.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const found = results.numFailedTests + files.length;
  const failed = exitCode !== 0 && found === 0 ? 1 : found;
  return {
    passed: results.numPassedTests,
    failed,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

function sum(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}
