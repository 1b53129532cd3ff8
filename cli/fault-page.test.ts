import { readFileSync } from 'node:fs';
import { format } from 'prettier';
import { expect, test } from 'vitest';
import { readFigures } from '../bench/fault-figures.ts';
import { projectPath } from '../harness/project-path.ts';
import { FAULTS, PACKAGES } from '../nemesis/registry.ts';
import { faultPage } from './fault-page.ts';

test('docs/faults.md is what the code says of its faults (npm run docs:faults)', async () => {
  const path = projectPath('docs/faults.md');
  const rules = JSON.parse(readFileSync(projectPath('.prettierrc.json'), 'utf8')) as object;
  const page = await format(faultPage(PACKAGES, readFigures()), { ...rules, filepath: path });
  expect(readFileSync(path, 'utf8')).toBe(page);
});

test('every kind says what it needs, how it is verified and healed, and who else has it', () => {
  const silent = [...FAULTS.values()].filter(({ about }) => about === undefined);
  expect(silent.map(({ kind }) => kind)).toEqual([]);
});

test('every kind was timed, or says why it could not be', () => {
  const { kinds } = readFigures();
  expect([...FAULTS.keys()].filter((kind) => kinds[kind] === undefined)).toEqual([]);
});
