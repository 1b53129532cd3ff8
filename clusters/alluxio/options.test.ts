import { describe, expect, it } from 'vitest';
import { resolveOptions } from './options.ts';

describe('options', () => {
  it('have defaults by version', () => {
    expect(resolveOptions({ version: '1.8.1', extra: {} })).toMatchObject({
      ...{ workers: 2, journal: 'zookeeper', safeModeMs: 1000, writeType: 'MUST_CACHE' },
    });
    expect(resolveOptions({ version: '2.9.6', extra: {} }).journal).toBe('embedded');
  });

  it('are refused by name, with what was expected', () => {
    const resolve = (extra: Readonly<Record<string, string>>): unknown =>
      resolveOptions({ version: '1.7.1', extra });
    expect(() => resolve({ worker: '2' })).toThrow(/no option "worker"; it has workers/);
    expect(() => resolve({ workers: 'two' })).toThrow(/expected an integer/);
    expect(() => resolve({ writeType: 'ASYNC' })).toThrow(/expected MUST_CACHE or CACHE_THROUGH/);
    expect(() => resolve({ journal: 'embedded' })).toThrow(/has no embedded journal/);
  });
});
