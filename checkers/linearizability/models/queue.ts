/** A first-in-first-out queue: `enqueue` v, `dequeue` → the oldest value, null when it is empty. */
import type { Value } from '../../../harness/operation.ts';
import { identityOf } from '../../value-text.ts';
import type { ModelOperation } from '../model.ts';
import type { SpecialModel } from '../model-problem.ts';
import { orderQueue } from './queue-order.ts';

export const fifoQueueModel: SpecialModel<readonly Value[]> = {
  name: 'fifo-queue',
  init: () => [],
  step: stepQueue,
  key: identityOf,
  shortcut: orderQueue,
  isRead: ({ f, output }) => f === 'dequeue' && output === null,
};

function stepQueue(
  state: readonly Value[],
  { f, input, output }: ModelOperation,
): readonly Value[] | undefined {
  if (f === 'enqueue') {
    if (input === null) throw new TypeError('enqueue of null: null says that the queue is empty');
    return [...state, input];
  }
  if (f !== 'dequeue') throw new TypeError(`${f}: expected enqueue or dequeue`);
  const [oldest, ...rest] = state;
  if (oldest === undefined) return output === undefined || output === null ? state : undefined;
  if (output === undefined) return rest;
  return output !== null && identityOf(output) === identityOf(oldest) ? rest : undefined;
}
