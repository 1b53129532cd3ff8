import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { PROBE_SCRIPT } from './link-probe.ts';
import { SHAPER_SCRIPT } from './shaper-script.ts';
import { queueSpec } from './node-shaping.ts';

test.each([
  ['the agent', SHAPER_SCRIPT],
  ['the probe', PROBE_SCRIPT],
])('%s compiles', (_, script) => {
  expect(() => execFileSync('perl', ['-c', '-e', script], { stdio: 'pipe' })).not.toThrow();
});

test('the draws of a link are those of its seed: drand48(3)', () => {
  // The subroutine as it stands in the agent, by itself.
  const body = /sub drawn \{[^]*?\n\}\n/.exec(SHAPER_SCRIPT)?.[0] ?? '';
  const program = `${body} my $l = { state => $ARGV[0] }; print join ' ', map { drawn($l) } 1 .. 200`;
  const draws = (seed: string): string =>
    execFileSync('perl', ['-e', program, seed], { encoding: 'utf8' });
  const numbers = draws('7').split(' ').map(Number);
  expect(draws('7')).toBe(draws('7'));
  expect(draws('8')).not.toBe(draws('7'));
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  const later = numbers.slice(8);
  const mean = later.reduce((sum, number) => sum + number, 0) / later.length;
  expect(mean).toBeGreaterThan(0.4);
  expect(mean).toBeLessThan(0.6);
});

test('a link’s queue, in the agent’s words', () => {
  expect(queueSpec({ kind: 'loss', share: 0.3, burst: 4 }, 1, 41)).toBe('17001,loss,0,0,0.3,4,42');
  expect(queueSpec({ kind: 'delay', delayMs: 9, jitterMs: 2 }, 0, 41)).toBe(
    '17000,delay,9,2,0,1,41',
  );
});
