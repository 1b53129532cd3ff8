import { expect, test } from 'vitest';
import { supervisorProgram, sweepProgram } from './host-script.ts';

test('what a host is told on its command line is short, and needs no quoting of the program', () => {
  const { command, input } = supervisorProgram('20260101T000000-7', 'n1', false);
  expect(command).toMatch(/^exec perl -e '[^']*' \d+ 'faultline-supervisor 20260101T000000-7 n1' /);
  expect(command).toContain(` ${Buffer.byteLength(input)} `);
  expect(command.length).toBeLessThan(400);
  expect(command).toContain(`"$SSH_CONNECTION"`);
});

test('it becomes root by sudo where it is to, and never asks for a password', () => {
  expect(sweepProgram(true).command).toMatch(/^exec sudo -n perl /);
});

test('names that could leave their folder are refused', () => {
  expect(() => supervisorProgram('../etc', 'n1', false)).toThrow(/cannot name a folder/);
  expect(() => supervisorProgram("a'b", 'n1', false)).toThrow(/cannot name a folder/);
});
