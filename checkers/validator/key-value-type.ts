/** A map of text: get, put, append, delete, cas, each of one key. */
import type { Value } from '../../harness/operation.ts';
import { isList, isRecord } from '../value-text.ts';
import type { SequentialType } from './sequential-type.ts';

interface TextState {
  readonly text: string;
  /** What an absent key holds. */
  readonly absent: string;
}

/** Values are pairs [key, argument]; null stands for what an absent key holds (''). */
export const KEY_VALUE_TYPE: SequentialType<TextState> = {
  initial: ({ initial }) => {
    const absent = typeof initial === 'string' ? initial : '';
    return { text: absent, absent };
  },
  step: (state, { f, input, output }) => {
    const { text, absent } = state;
    const holding = (next: Value): TextState => ({ text: textOr(next, absent), absent });
    const argument = second(input);
    switch (f) {
      case 'get':
        return output === undefined || textOr(second(output), absent) === text ? state : undefined;
      case 'put':
        return holding(argument);
      case 'append':
        return { text: text + textOr(argument, ''), absent };
      case 'delete':
        return holding(null);
      case 'cas': {
        const [from, to] = comparison(argument);
        const fits = textOr(from, absent) === text;
        if (output === undefined) return fits ? holding(to) : state;
        if (isRefusal(second(output))) return fits ? undefined : state;
        return fits ? holding(to) : undefined;
      }
      default:
        return undefined;
    }
  },
  key: ({ text }) => text,
  partition: ({ input }) => (isList(input) ? (input[0] ?? null) : null),
  reads: ({ f, output }) =>
    f === 'get' || (f === 'cas' && output !== undefined && isRefusal(second(output))),
  empty: ({ f, output }) => f === 'get' && output === undefined,
};

function second(value: Value): Value {
  return isList(value) ? (value[1] ?? null) : null;
}

function textOr(value: Value, absent: string): string {
  return typeof value === 'string' ? value : absent;
}

function isRefusal(answer: Value): boolean {
  return isRecord(answer) && answer['swapped'] === false;
}

function comparison(value: Value): [Value, Value] {
  if (isList(value)) return [value[0] ?? null, value[1] ?? null];
  return isRecord(value) ? [value['from'] ?? null, value['to'] ?? null] : [null, null];
}
