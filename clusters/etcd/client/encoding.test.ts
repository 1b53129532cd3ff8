import { expect, test } from 'vitest';
import { decodeBytes, encodeBytes, prefixRange } from './encoding.ts';

test('text survives the way there and back', () => {
  for (const text of ['', 'a', 'ключ', '{"a":[1,null]}'])
    expect(decodeBytes(encodeBytes(text))).toBe(text);
});

test('an absent field is the empty string', () => {
  expect(decodeBytes(undefined)).toBe('');
});

test('the range of a prefix ends just past it', () => {
  const { key, range_end } = prefixRange('g/');
  expect([decodeBytes(key), decodeBytes(range_end)]).toEqual(['g/', 'g0']);
});
