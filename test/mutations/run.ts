/**
 * Are the tests of the checkers worth anything? Each patch of this folder breaks an engine in one small way. In a copy of
 * the tree it is applied, the fuzz runs for a while, and if that sees nothing, the unit tests of the checkers do; one of
 * them must fail.
 *
 *     npm run mutations [-- WORD…]    those whose names hold one of the words; default: all
 *
 * Exits with 1 when a mutation is not caught, a patch no longer applies, or the tree fails without any.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const ROOT = resolve(HERE, '../..');
const NOT_COPIED = new Set(['node_modules', '.git', 'dist', 'runs']);
const FUZZ_SECONDS = 40;
const SEED = '20260101';

interface Caught {
  readonly by: string;
  readonly seconds: number;
}

function main(): void {
  const words = process.argv.slice(2);
  const patches = readdirSync(HERE)
    .filter((name) => name.endsWith('.patch'))
    .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
    .sort();
  const copy = mkdtempSync(join(tmpdir(), 'faultline-mutations-'));
  try {
    copyTree(copy);
    const before = catchIn(copy);
    if (before !== null) {
      say(`without any mutation something fails already: ${before.by}`);
      process.exitCode = 1;
      return;
    }
    const missed = patches.filter((patch) => !isCaught(copy, patch));
    say(`${String(patches.length - missed.length)} of ${String(patches.length)} mutations caught`);
    if (missed.length > 0) process.exitCode = 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function copyTree(copy: string): void {
  cpSync(ROOT, copy, {
    recursive: true,
    filter: (source) => {
      const [top = ''] = relative(ROOT, source).split('/');
      return !NOT_COPIED.has(top) && !top.startsWith('dist.');
    },
  });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
}

function isCaught(copy: string, patch: string): boolean {
  const path = join(HERE, patch);
  const [title = ''] = readFileSync(path, 'utf8').split('\n');
  try {
    execFileSync('git', ['apply', path], { cwd: copy, stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    say(`${patch}: NO LONGER APPLIES: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
  const caught = catchIn(copy);
  execFileSync('git', ['apply', '-R', path], { cwd: copy });
  const outcome =
    caught === null ? 'NOT CAUGHT' : `caught in ${caught.seconds.toFixed(0)} s by ${caught.by}`;
  say(`${patch}: ${title}: ${outcome}`);
  return caught !== null;
}

/** What fails in the copy, and how soon. */
function catchIn(copy: string): Caught | null {
  const began = Date.now();
  const tsx = join('node_modules', 'tsx', 'dist', 'cli.mjs');
  const limits = ['--seconds', String(FUZZ_SECONDS), '--seed', SEED, '--first'];
  const fuzz = runIn(copy, [tsx, 'test/checkers/fuzz.ts', ...limits]);
  const seconds = (): number => (Date.now() - began) / 1_000;
  if (fuzz.status !== 0) {
    const line = /MISMATCH (.*)/.exec(fuzz.output)?.[1];
    return { by: `the fuzz: ${line ?? lastLine(fuzz.output)}`, seconds: seconds() };
  }
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  const unit = runIn(copy, [vitest, 'run', '--project', 'unit', 'checkers/', '--bail', '1']);
  if (unit.status === 0) return null;
  const failed = /FAIL.*?([\w./-]+\.test\.ts.*)/.exec(unit.output)?.[1];
  return { by: `a unit test: ${failed ?? lastLine(unit.output)}`, seconds: seconds() };
}

function runIn(cwd: string, argv: readonly string[]): { status: number | null; output: string } {
  const options = {
    cwd,
    encoding: 'utf8',
    timeout: 600_000,
    env: { ...process.env, NO_COLOR: '1' },
  } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, options);
  return { status, output: stdout + stderr };
}

function lastLine(output: string): string {
  return output.trimEnd().split('\n').at(-1) ?? '';
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

main();
