/**
 * Goal: docs/adding-a-system.md leads to a system that runs. Method: its first steps are walked in a copy of the sources:
 * a new system is begun from the template under a name of its own, type-checked, and run against its real server, once as
 * it stands and once with a defect put into it, which must be caught.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newSystem } from '../../cli/new-system.ts';
import { projectPath } from '../../harness/project-path.ts';

const NAME = 'walked-store';
const SOURCES = [
  ...['harness', 'nemesis', 'checkers', 'formats', 'clusters', 'regressions', 'report', 'cli'],
  ...['docker', 'bench', 'package.json', 'tsconfig.json', 'test/live/from-sources.ts'],
];

let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'faultline-new-system-'));
  for (const path of SOURCES) {
    cpSync(projectPath(path), join(project, path), { recursive: true });
  }
  symlinkSync(projectPath('node_modules'), join(project, 'node_modules'));
});
afterAll(() => rmSync(project, { recursive: true, force: true }));

async function run(...argv: readonly string[]): Promise<{ code: number; output: string }> {
  const { exitCode, all } = await execa(
    process.execPath,
    ['--import', 'tsx', 'test/live/from-sources.ts', ...argv],
    { cwd: project, all: true, reject: false },
  );
  return { code: exitCode ?? 255, output: all };
}

test('a name that cannot be, or is there already, is refused', () => {
  expect(() => newSystem('My Store', project)).toThrow(/lower case/);
  expect(() => newSystem('etcd', project)).toThrow(/there already/);
});

test('a new system is begun, type-checks, and its server keeps what it acknowledged under faults', async () => {
  expect(newSystem(NAME, project)).toBe(`clusters/${NAME}`);
  const files = [`clusters/${NAME}/system.ts`, 'clusters/registry.ts'];
  writeFileSync(
    join(project, 'tsconfig.walk.json'),
    JSON.stringify({
      extends: './tsconfig.json',
      compilerOptions: { noEmit: true },
      files,
      include: [],
    }),
  );
  const tsc = await execa('node_modules/.bin/tsc', ['-p', 'tsconfig.walk.json'], {
    cwd: project,
    all: true,
    reject: false,
  });
  expect(tsc.all).toBe('');
  const { code, output } = await run('run', NAME, '--faults', 'kill,pause', '--time', '8');
  expect(output).toContain(`${NAME}-7.0-register: VALID`);
  expect(code).toBe(0);
}, 180_000);

test('the same system without its log on the disk is caught', async () => {
  const path = join(project, `clusters/${NAME}/system.ts`);
  const source = readFileSync(path, 'utf8');
  writeFileSync(path, source.replace("'--appendonly', 'yes'", "'--appendonly', 'no'"));
  const { code, output } = await run('run', NAME, '--faults', 'kill', '--time', '8');
  expect(output).toContain('INVALID linearizable-register');
  expect(code).toBe(1);
}, 120_000);
