import { expect, test } from 'vitest';
import { editDistance, nearestName, unknownName } from './nearest.ts';

test('edit distance counts insertions, deletions and substitutions', () => {
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(editDistance('', 'abc')).toBe(3);
  expect(editDistance('same', 'same')).toBe(0);
});

test('the nearest name is offered only when it is near', () => {
  const names = ['kill', 'pause', 'partition'];
  expect(nearestName('partitoin', names)).toBe('partition');
  expect(nearestName('KILL', names)).toBe('kill');
  expect(nearestName('3.9.40', ['3.9.0', '3.9.4'])).toBe('3.9.4');
  expect(nearestName('zzzzzzzzzz', names)).toBeNull();
});

test('an unknown name is told with what was expected', () => {
  expect(unknownName('fault', 'pauze', ['kill', 'pause'])).toBe(
    'unknown fault "pauze"; expected one of kill, pause (did you mean "pause"?)',
  );
});
