import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { projectPath } from '../harness/project-path.ts';
import { CHECKERS } from './checker-list.ts';

test('every checker listed is where the list says', () => {
  const missing = CHECKERS.filter(([path]) => !existsSync(projectPath(`checkers/${path}.ts`)));
  expect(missing).toEqual([]);
});
