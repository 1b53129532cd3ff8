import { describe, expect, it } from 'vitest';
import { historyOf, runOf } from '../micro-history.ts';
import type { Line } from '../micro-history.ts';
import { checkSequential } from './sequential-judge.ts';

function validity(lines: readonly Line[], keyed = true): string {
  return checkSequential(runOf(historyOf(lines)), { keyed }, { timeMs: 1_000 }).valid;
}

function write(process: number, key: string, value: number): Line[] {
  return [
    [process, 'invoke', 'write', [key, value]],
    [process, 'ok', 'write', [key, value]],
  ];
}

function read(process: number, key: string, value: number | null): Line[] {
  return [
    [process, 'invoke', 'read', [key, null]],
    [process, 'ok', 'read', [key, value]],
  ];
}

describe('checkSequential', () => {
  it('accepts that others see a write late', () => {
    expect(validity([...write(0, 'x', 1), ...read(1, 'x', null), ...read(1, 'x', 1)])).toBe(
      'valid',
    );
  });
  it('rejects that two processes each miss the other’s write, though each key alone is legal', () => {
    const first = [...write(0, 'x', 1), ...read(0, 'y', null)];
    const second = [...write(1, 'y', 1), ...read(1, 'x', null)];
    expect(validity([...first, ...second])).toBe('invalid');
    expect(validity([...first, ...write(1, 'y', 1), ...read(1, 'x', 1)])).toBe('valid');
  });
  it('rejects that two processes see two writes in different orders', () => {
    const writes = [...write(0, 'x', 1), ...write(1, 'x', 2)];
    const upward = [...read(2, 'x', 1), ...read(2, 'x', 2)];
    const downward = [...read(3, 'x', 2), ...read(3, 'x', 1)];
    expect(validity([...writes, ...upward])).toBe('valid');
    expect(validity([...writes, ...upward, ...downward])).toBe('invalid');
  });
  it('rejects a value that nobody wrote', () => {
    expect(validity(read(0, 'x', 7))).toBe('invalid');
  });
  it('searches where a value is written twice', () => {
    const twice = [...write(0, 'x', 1), ...write(0, 'x', 2), ...write(0, 'x', 1)];
    expect(validity([...twice, ...read(1, 'x', 1), ...read(1, 'x', 2)])).toBe('valid');
    const tooOften = [...read(1, 'x', 2), ...read(1, 'x', 1), ...read(1, 'x', 2)];
    expect(validity([...twice, ...tooOften])).toBe('invalid');
  });
  it('lets a write of unknown outcome happen or not', () => {
    const open: Line[] = [
      [0, 'invoke', 'write', ['x', 1]],
      [0, 'info', 'write', ['x', 1]],
    ];
    expect(validity([...open, ...read(1, 'x', null)])).toBe('valid');
    expect(validity([...open, ...read(1, 'x', 1)])).toBe('valid');
  });
  it('is unknown when nothing was read', () => {
    expect(validity(write(0, 'x', 1))).toBe('unknown');
  });
});
