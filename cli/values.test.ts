import { expect, test } from 'vitest';
import { MILLISECOND, SECOND } from '../harness/operation.ts';
import { parseCount, parseDuration, parsePairs, parseRate, parseSeed } from './values.ts';

test('durations are seconds unless a unit says otherwise', () => {
  expect(parseDuration('30', '--time')).toBe(30 * SECOND);
  expect(parseDuration('500ms', '--time')).toBe(500 * MILLISECOND);
  expect(parseDuration('2m', '--time')).toBe(120 * SECOND);
});

test.each(['-5', '0', 'abc', '', '5 parsecs', 'NaN'])('the duration %j is refused', (text) => {
  expect(() => parseDuration(text, '--time')).toThrow(/^--time: expected a positive time .* got /);
});

test('seeds are 64-bit unsigned integers', () => {
  expect(parseSeed('7')).toBe(7n);
  expect(parseSeed('0xff')).toBe(255n);
  expect(parseSeed('18446744073709551615')).toBe(2n ** 64n - 1n);
});

test.each(['-1', '1.5', 'seven', '18446744073709551616', ''])('the seed %j is refused', (text) => {
  expect(() => parseSeed(text)).toThrow(/^--seed: expected a whole number/);
});

test('counts and rates must be positive', () => {
  expect(parseCount('3', '--nodes')).toBe(3);
  expect(() => parseCount('0', '--nodes')).toThrow(/--nodes: expected a whole number from 1/);
  expect(parseRate('0.5', '--rate')).toBe(0.5);
  expect(() => parseRate('-1', '--rate')).toThrow(/--rate: expected operations a second/);
});

test('pairs need an equals sign', () => {
  expect(parsePairs(['a=1', 'b=x=y'], '--option')).toEqual({ a: '1', b: 'x=y' });
  expect(() => parsePairs(['a'], '--option')).toThrow('--option: expected name=value, got "a"');
});
