/** Counters, sets, queues and lists. */
import type { Value } from '../../harness/operation.ts';
import { identityOf, isList, isRecord } from '../value-text.ts';
import type { SequentialType, Step } from './sequential-type.ts';

type Elements = readonly string[];

function isUntold(output: Value | undefined): output is undefined | null {
  return output === undefined || output === null;
}

export const COUNTER_TYPE: SequentialType<number> = {
  initial: ({ initial }) => (typeof initial === 'number' ? initial : 0),
  step: (state, { f, input, output }) => {
    const after = f === 'read' ? state : state + Number(input);
    const told = f === 'get-and-add' ? state : after;
    return f === 'add' || isUntold(output) || output === told ? after : undefined;
  },
  key: String,
  reads: ({ f }) => f === 'read',
};

/** As a whole: reads show all elements. */
export const SET_TYPE: SequentialType<Elements> = {
  initial: () => [],
  step: (state, step) => {
    if (step.f === 'read') {
      if (isUntold(step.output)) return state;
      const shown = new Set((isList(step.output) ? step.output : []).map(identityOf));
      return shown.size === state.length && state.every((one) => shown.has(one))
        ? state
        : undefined;
    }
    const element = identityOf(step.input);
    const others = state.filter((one) => one !== element);
    const after = stepElement(others.length < state.length, step);
    if (after === undefined) return undefined;
    return after ? [...others, element].sort() : others;
  },
  key: (state) => state.join(' '),
  reads: readsSet,
};

/** One element alone. */
export const ELEMENT_TYPE: SequentialType<boolean> = {
  initial: () => false,
  step: stepElement,
  key: String,
  partition: ({ input }) => input,
  reads: readsSet,
};

function stepElement(present: boolean, { f, output }: Step): boolean | undefined {
  if (f === 'contains') return isUntold(output) || output === present ? present : undefined;
  const after = f === 'add';
  const changed = changedIn(output);
  return changed === undefined || changed === (after !== present) ? after : undefined;
}

function changedIn(output: Value | undefined): boolean | undefined {
  const changed = output !== undefined && isRecord(output) ? output['changed'] : undefined;
  return typeof changed === 'boolean' ? changed : undefined;
}

function readsSet({ f, output }: Step): boolean {
  return f === 'read' || f === 'contains' || changedIn(output) === false;
}

export const QUEUE_TYPE: SequentialType<readonly Value[]> = {
  initial: () => [],
  step: (state, { f, input, output }) => {
    if (f === 'enqueue') return [...state, input];
    const oldest = state[0] ?? null;
    return output === undefined || identityOf(output) === identityOf(oldest)
      ? state.slice(1)
      : undefined;
  },
  key: identityOf,
  reads: ({ f, output }) => f === 'dequeue' && output === null,
  shows: ({ f, output }) => (f === 'dequeue' && !isUntold(output) ? [output] : []),
  brings: ({ f, input }) => (f === 'enqueue' ? [input] : []),
};

export const APPEND_LIST_TYPE: SequentialType<readonly Value[]> = {
  initial: () => [],
  step: (state, { f, input, output }) => {
    if (f === 'append') return [...state, input];
    return isUntold(output) || identityOf(output) === identityOf(state) ? state : undefined;
  },
  key: identityOf,
  reads: ({ f }) => f === 'read',
  shows: ({ f, output }) => (f === 'read' && output !== undefined && isList(output) ? output : []),
  brings: ({ f, input }) => (f === 'append' ? [input] : []),
};
