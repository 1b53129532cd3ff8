/**
 * A map of text by key: `get`, `put`, `append`, `delete`, `cas`, each of one key.
 *
 * Values: get invokes [key, anything] and completes with [key, text]; put and append take [key, text], delete [key,
 * anything], cas [key, {from, to}] or [key, [from, to]]. An absent key holds the initial text, and null stands for it.
 * A map is legal when each of its keys is, so it is always partitioned, histories given as one object too. A completed
 * cas swapped, unless it completes with [key, {swapped: false}].
 */
import type { ModelOperation } from '../model.ts';
import type { SpecialModel } from '../model-problem.ts';
import { KvMachine } from './kv-machine.ts';
import { comparisonOf, isRefused, pairOf, plainText, textIn } from './values.ts';

/** One key's text is a state: the type is local. @param initial what an absent key holds. Default: ''. */
export function kvModel(initial = ''): SpecialModel<string> {
  return {
    name: 'kv',
    init: () => initial,
    step: (state, operation) => stepKey(initial, state, operation),
    key: (state) => state,
    partition: ({ input }) => pairOf(input)[0],
    compile: (partition, state) => KvMachine.of(partition, initial, state),
    isRead: ({ f, output }) => f === 'get' || (f === 'cas' && isRefused(output)),
  };
}

function stepKey(initial: string, state: string, operation: ModelOperation): string | undefined {
  const { f, input, output } = operation;
  const argument = pairOf(input)[1];
  switch (f) {
    case 'get':
      return output === undefined || textIn(output, initial) === state ? state : undefined;
    case 'put':
      return plainText(argument, initial);
    case 'append':
      return state + plainText(argument, '');
    case 'delete':
      return initial;
    case 'cas': {
      const [from, to] = comparisonOf(argument);
      const fits = plainText(from, initial) === state;
      if (output === undefined) return fits ? plainText(to, initial) : state;
      if (isRefused(output)) return fits ? undefined : state;
      return fits ? plainText(to, initial) : undefined;
    }
    default:
      throw new TypeError(`${f}: expected get, put, append, delete or cas`);
  }
}
