/**
 * A set: `add` e, `remove` e (each may complete with {changed: true or false}), `contains` e → true or false, `read` →
 * its elements in any order (null: it tells nothing).
 */
import type { Value } from '../../../harness/operation.ts';
import { identityOf, isList, isRecord, textOf } from '../../value-text.ts';
import type { Model, ModelOperation } from '../model.ts';
import type { SpecialModel } from '../model-problem.ts';
import { orderGrowingSet } from './set-order.ts';

/** The whole set is the state: reads of it span all elements. Elements by their text, sorted. */
export const setModel: SpecialModel<readonly string[]> = {
  name: 'linearizable-set',
  init: () => [],
  step: stepSet,
  shortcut: orderGrowingSet,
  key: (state) => state.join(' '),
  isRead,
  describeState: (state) => `{${state.join(', ')}}`,
};

/** One element is the state. Local, but only where nothing reads the set as a whole. */
export const elementModel: Model<boolean> = {
  name: 'linearizable-set',
  init: () => false,
  step: stepElement,
  key: (present) => (present ? 1 : 0),
  partition: ({ input }) => input,
  isRead,
  describeState: (present) => (present ? 'present' : 'absent'),
};

function isRead({ f, output }: ModelOperation): boolean {
  return f === 'read' || f === 'contains' || changedIn(output) === false;
}

function stepSet(
  state: readonly string[],
  operation: ModelOperation,
): readonly string[] | undefined {
  if (operation.f === 'read') return fits(state, operation.output) ? state : undefined;
  const element = identityOf(operation.input);
  const before = state.includes(element);
  const after = stepElement(before, operation);
  if (after === undefined || after === before) return after === undefined ? undefined : state;
  return after ? [...state, element].sort() : state.filter((other) => other !== element);
}

function stepElement(present: boolean, { f, output }: ModelOperation): boolean | undefined {
  if (f === 'contains') {
    return typeof output !== 'boolean' || output === present ? present : undefined;
  }
  if (f !== 'add' && f !== 'remove') {
    throw new TypeError(`${f}: expected add, remove, contains or read`);
  }
  const after = f === 'add';
  const changed = changedIn(output);
  return changed === undefined || changed === (after !== present) ? after : undefined;
}

function changedIn(output: Value | undefined): boolean | undefined {
  const changed = output !== undefined && isRecord(output) ? output['changed'] : undefined;
  return typeof changed === 'boolean' ? changed : undefined;
}

function fits(state: readonly string[], output: Value | undefined): boolean {
  if (output === undefined || output === null) return true;
  if (!isList(output)) throw new TypeError(`${textOf(output)}: expected a list of elements`);
  const elements = new Set(output.map(identityOf));
  return elements.size === state.length && state.every((element) => elements.has(element));
}
