/** A list that only grows: `append` v, `read` → all its values in order (null: it tells nothing). */
import type { Value } from '../../../harness/operation.ts';
import { identityOf, isList, textOf } from '../../value-text.ts';
import type { ModelOperation } from '../model.ts';
import type { SpecialModel } from '../model-problem.ts';
import { orderAppendList } from './list-order.ts';

export const appendListModel: SpecialModel<readonly Value[]> = {
  name: 'append-list',
  init: () => [],
  step: stepList,
  key: identityOf,
  shortcut: orderAppendList,
  isRead: ({ f }) => f === 'read',
};

function stepList(
  state: readonly Value[],
  { f, input, output }: ModelOperation,
): readonly Value[] | undefined {
  if (f === 'append') return [...state, input];
  if (f !== 'read') throw new TypeError(`${f}: expected append or read`);
  if (output === undefined || output === null) return state;
  if (!isList(output)) throw new TypeError(`${textOf(output)}: expected a list`);
  return identityOf(output) === identityOf(state) ? state : undefined;
}
