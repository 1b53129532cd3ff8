import { expect, test } from 'vitest';
import { checkLinearizable, type ConcurrentOperation, type Model } from './index.ts';

/** As in the documentation of Model. */
const counter: Model<number> = {
  name: 'counter',
  init: () => 0,
  step: (state, { f, input, output }) => {
    if (f === 'add') return state + Number(input);
    return output === undefined || output === state ? state : undefined;
  },
};

const operation = (
  index: number,
  f: string,
  value: number | null,
  call: number,
  end: number,
): ConcurrentOperation => ({
  index,
  process: index,
  f,
  input: f === 'add' ? value : null,
  output: f === 'add' ? null : value,
  call,
  end,
});

test("a user's own model of a few lines judges, with an order or with the operations that show there is none", () => {
  const adds = [operation(0, 'add', 1, 0, 3), operation(1, 'add', 2, 1, 4)];
  const legal = checkLinearizable(counter, [...adds, operation(2, 'read', 2, 2, 5)]);
  expect(legal).toMatchObject({ valid: 'valid', orders: [{ order: [1, 2, 0] }] });
  const illegal = checkLinearizable(counter, [...adds, operation(2, 'read', 2, 6, 7)]);
  expect(illegal.valid).toBe('invalid');
  expect(illegal.violations).toHaveLength(1);
});
