import { expect, it } from 'vitest';

import type { OperationType, Value } from '../../harness/operation.ts';
import { IncrementalRegister } from './incremental-register.ts';
import { checkRegisterEvents } from './register.ts';

type Line = readonly [process: number, type: OperationType, f: string, value: Value];

/** The completion of the first violation; null when there is none. */
function violationOf(lines: readonly Line[], register = new IncrementalRegister()): number | null {
  lines.forEach(([process, type, f, value], index) => {
    register.add({ index, process, type, f, value });
  });
  return register.finish()?.completion ?? null;
}

const write = (process: number, value: Value): Line[] => [
  [process, 'invoke', 'write', value],
  [process, 'ok', 'write', value],
];
const read = (process: number, value: Value): Line[] => [
  [process, 'invoke', 'read', null],
  [process, 'ok', 'read', value],
];

it('names the first completion that no order can reach, and keeps to it', () => {
  const lines = [...write(0, 1), ...write(0, 2), ...read(1, 1), ...read(1, 2), ...read(2, 7)];
  expect(violationOf(lines)).toBe(5);
  expect(violationOf(lines.slice(0, 4))).toBeNull();
});

it('waits for the outcome of what was called before', () => {
  const register = new IncrementalRegister();
  const lines: Line[] = [[9, 'invoke', 'read', null], ...write(0, 1), ...read(1, null)];
  lines.forEach(([process, type, f, value], index) => {
    expect(register.add({ index, process, type, f, value })).toBeNull();
  });
  expect(register.waiting).toBe(5);
  const found = register.add({ index: 5, process: 9, type: 'ok', f: 'read', value: 1 });
  expect(found).toEqual({ invocation: 3, completion: 4 });
  expect(register.waiting).toBe(0);
});

it('lets what is pending or of unknown outcome still happen', () => {
  const open: Line[] = [
    [5, 'invoke', 'write', 3],
    [5, 'info', 'write', 3],
  ];
  expect(violationOf([...open, ...write(0, 1), ...read(1, 3)])).toBeNull();
  expect(violationOf([[5, 'invoke', 'write', 3], ...write(0, 1), ...read(1, 3)])).toBeNull();
  expect(violationOf([...open, ...read(1, 3), ...write(0, 1), ...read(1, 3)])).toBe(7);
  expect(violationOf([[5, 'invoke', 'cas', [1, 3]], ...write(0, 1), ...read(1, 3)])).toBeNull();
});

it('understands refused compares', () => {
  const refusal: Line[] = [
    [1, 'invoke', 'cas', [1, 2]],
    [1, 'ok', 'cas', { swapped: false }],
  ];
  expect(violationOf([...write(0, 1), ...refusal])).toBe(3);
  expect(violationOf([...refusal, ...write(0, 1)])).toBeNull();
});

it('carries few configurations however long the history is, with many clients', () => {
  const register = new IncrementalRegister();
  const lines: Line[] = [];
  for (let round = 0; round < 60; round++) {
    for (let p = 0; p < 40; p++) lines.push([p, 'invoke', 'read', null]);
    for (let p = 0; p < 40; p++) lines.push([p, 'ok', 'read', round === 0 ? null : round - 1]);
    lines.push(...write(50, round));
  }
  expect(violationOf(lines, register)).toBeNull();
  expect(register.configurations).toBe(1);
  expect(violationOf([...lines, ...read(60, 3)])).toBe(lines.length + 1);
});

it('gives up rather than carry too many configurations', () => {
  const register = new IncrementalRegister({ mostConfigurations: 20 });
  const lines: Line[] = [];
  for (let p = 0; p < 12; p++) lines.push([p, 'invoke', 'cas', [p % 3, (p + 1) % 3]]);
  for (let p = 20; p < 26; p++) lines.push([p, 'invoke', 'write', p % 3]);
  for (let p = 20; p < 26; p++) lines.push([p, 'ok', 'write', null]);
  for (let p = 0; p < 12; p++) lines.push([p, 'ok', 'cas', null]);
  expect(violationOf(lines, register)).toBeNull();
  expect(register.gaveUp).toBe(true);
});

it('refuses lines that do not pair', () => {
  expect(() => violationOf([[1, 'ok', 'read', 1]])).toThrow(/line 0.*nothing outstanding/);
  expect(() =>
    violationOf([...write(0, 1), [0, 'invoke', 'read', 1], [0, 'invoke', 'read', 1]]),
  ).toThrow(/line 3.*has an operation outstanding/);
});

it('checkRegisterEvents says the same of whole histories, and names the line at fault', () => {
  const eventsOf = (
    lines: readonly Line[],
  ): { process: number; type: OperationType; f: string; value: Value }[] =>
    lines.map(([process, type, f, value]) => ({ process, type, f, value }));
  const legal = checkRegisterEvents(eventsOf([...write(0, 1), ...read(1, 1)]));
  expect(legal.outcome).toBe('legal');
  expect([...(legal.order ?? [])]).toEqual([0, 2]);
  expect(checkRegisterEvents(eventsOf([...write(0, 1), ...read(1, 2)])).outcome).toBe('illegal');
  const unset = eventsOf([...write(0, 1), ...read(1, null)]);
  expect(checkRegisterEvents(unset).outcome).toBe('illegal');
  expect(checkRegisterEvents(unset, { nilReads: 'any' }).outcome).toBe('legal');
  const failed = eventsOf([...write(0, 1), [2, 'invoke', 'cas', [1, 2]], [2, 'fail', 'cas', null]]);
  expect(checkRegisterEvents(failed).outcome).toBe('legal');
  expect(checkRegisterEvents(failed, { failedCas: 'compared' }).outcome).toBe('illegal');
  expect(() => checkRegisterEvents(eventsOf([[1, 'invoke', 'cas', 3]]))).toThrow(
    /line 0.*from, to/,
  );
  expect(() => checkRegisterEvents(eventsOf([[1, 'invoke', 'add', 3]]))).toThrow(
    /read, write or cas/,
  );
});
