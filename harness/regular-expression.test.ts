import { expect, test } from 'vitest';
import fc from 'fast-check';
import { literally } from './regular-expression.ts';

test('any text matches itself, also with the flag u: Common-Cleaner, GC Thread#0, a/b', () => {
  const matches = (text: string): boolean => new RegExp(`^${literally(text)}$`, 'u').test(text);
  fc.assert(fc.property(fc.string({ unit: 'binary' }), matches), {
    examples: [['Common-Cleaner'], ['GC Thread#0'], ['a/b'], ['[x]^$.*+?(){}|\\']],
  });
  expect(new RegExp(`^${literally('a.c')}$`, 'u').test('abc')).toBe(false);
});
