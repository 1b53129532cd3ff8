/**
 * A counter from a number on: `add` n (a negative n subtracts), `read` → number, `add-and-get` n → the number after it,
 * `get-and-add` n → the number before it. Where a read tells nothing (null), it fits every number.
 */
import type { Value } from '../../../harness/operation.ts';
import { textOf } from '../../value-text.ts';
import type { ModelOperation } from '../model.ts';
import type { SpecialModel } from '../model-problem.ts';
import { orderCounter } from './counter-order.ts';

/** @param initial Default: 0. */
export function counterModel(initial = 0): SpecialModel<number> {
  return {
    name: 'linearizable-counter',
    init: () => initial,
    step: stepCounter,
    shortcut: (partition) => orderCounter(partition, initial),
    key: (state) => state,
    isRead: ({ f }) => f === 'read',
  };
}

function stepCounter(state: number, { f, input, output }: ModelOperation): number | undefined {
  if (f === 'read') return says(output, state) ? state : undefined;
  const sum = state + numberIn(input);
  switch (f) {
    case 'add':
      return sum;
    case 'add-and-get':
      return says(output, sum) ? sum : undefined;
    case 'get-and-add':
      return says(output, state) ? sum : undefined;
    default:
      throw new TypeError(`${f}: expected add, read, add-and-get or get-and-add`);
  }
}

function says(output: Value | undefined, number: number): boolean {
  return output === undefined || output === null || numberIn(output) === number;
}

function numberIn(value: Value): number {
  if (typeof value === 'number') return value;
  throw new TypeError(`${textOf(value)}: expected a number`);
}
