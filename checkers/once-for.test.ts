import { expect, test } from 'vitest';
import { onceFor } from './once-for.ts';

test('works it out once for an array, and again when that has grown', () => {
  let times = 0;
  const count = onceFor((records: readonly number[]) => {
    times++;
    return records.length;
  });
  const records = [1, 2];
  expect([count(records), count(records), times]).toEqual([2, 2, 1]);
  records.push(3);
  expect([count(records), times]).toEqual([3, 2]);
});

test('equal arrays are not the same array', () => {
  let times = 0;
  const count = onceFor((records: readonly number[]) => [times++, records.length]);
  expect(count([1])).not.toEqual(count([1]));
});
