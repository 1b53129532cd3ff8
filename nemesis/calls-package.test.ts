import { expect, test } from 'vitest';
import { seededRandom } from '../harness/random.ts';
import { callsPackage } from './calls-package.ts';

test('errors that are drawn are of calls that only files have: no eventfd, pipe or socket knows them', () => {
  const draws = seededRandom(1n).sequence('calls');
  const drawn = Array.from({ length: 60 }, () => callsPackage.draw(draws, ['n1']));
  const errors = drawn.filter(({ kind }) => kind === 'io-error');
  expect(errors.length).toBeGreaterThan(0);
  for (const { parameters } of errors) {
    expect(parameters?.['calls']).toMatch(/^((fsync|fdatasync|pwrite64|pwritev)(,|$))+$/);
  }
});
