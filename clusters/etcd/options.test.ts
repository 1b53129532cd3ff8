import { expect, test } from 'vitest';
import { resolveOptions } from './options.ts';

test('defaults', () => {
  expect(resolveOptions({})).toEqual({
    guardKeys: 1,
    snapshotCount: null,
    compactionBatchLimit: null,
    backendBatchMs: null,
    heartbeatMs: 100,
    electionMs: 1000,
    forceNewCluster: false,
  });
});

test('set values are numbers', () => {
  expect(resolveOptions({ guardKeys: '4000', snapshotCount: '50' })).toMatchObject({
    guardKeys: 4000,
    snapshotCount: 50,
  });
});

test.each(['0', '-1', '1.5', 'many', ''])('"%s" is not a count', (text) => {
  expect(() => resolveOptions({ guardKeys: text })).toThrow(
    /guardKeys is ".*", expected an integer/,
  );
});

test('an unknown option is refused with the names there are', () => {
  expect(() => resolveOptions({ guardkeys: '1' })).toThrow(/no option "guardkeys".*guardKeys/);
});
