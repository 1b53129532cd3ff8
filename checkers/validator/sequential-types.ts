/** The types that the validator can execute, by the name of their model. */
import type { Model, ModelOperation } from '../linearizability/model.ts';
import {
  APPEND_LIST_TYPE,
  COUNTER_TYPE,
  ELEMENT_TYPE,
  QUEUE_TYPE,
  SET_TYPE,
} from './collection-types.ts';
import { KEY_VALUE_TYPE } from './key-value-type.ts';
import { FENCED_LOCK_TYPE, MUTEX_TYPE } from './lock-types.ts';
import { registerType } from './register-type.ts';
import { REVISIONED_MAP_TYPE } from './revisioned-map-type.ts';
import type { SequentialType, Step } from './sequential-type.ts';
import { MULTI_REGISTER_TYPE, VERSIONED_REGISTER_TYPE } from './versioned-types.ts';

interface Types {
  /** Judged as a whole. */
  readonly whole: SequentialType;
  /** Where certificates name a partition. Default: as `whole`. */
  readonly parts?: SequentialType;
}

const REGISTER: Types = {
  whole: anyState(registerType(false)),
  parts: anyState(registerType(true)),
};

/** One register, its operations in an order that keeps each process's own. */
export const SEQUENTIAL_REGISTER = REGISTER.whole;

export const TYPES: Readonly<Record<string, Types>> = {
  register: REGISTER,
  'cas-register': REGISTER,
  kv: { whole: anyState(KEY_VALUE_TYPE) },
  'linearizable-counter': { whole: anyState(COUNTER_TYPE) },
  'linearizable-set': { whole: anyState(SET_TYPE), parts: anyState(ELEMENT_TYPE) },
  'fifo-queue': { whole: anyState(QUEUE_TYPE) },
  'append-list': { whole: anyState(APPEND_LIST_TYPE) },
  mutex: { whole: anyState(MUTEX_TYPE) },
  'fenced-lock': { whole: anyState(FENCED_LOCK_TYPE) },
  'versioned-register': { whole: anyState(VERSIONED_REGISTER_TYPE) },
  'multi-register': { whole: anyState(MULTI_REGISTER_TYPE) },
  'revisioned-map': { whole: anyState(REVISIONED_MAP_TYPE) },
};

/** A user's model. It is not known which of its operations only read, unless it says so. */
export function typeOfModel<State>(model: Model<State>): SequentialType {
  const asked = ({ f, input, output }: Step): ModelOperation => ({ f, input, output });
  return anyState<State>({
    initial: () => model.init(),
    step: (state, step) => model.step(state, asked(step)),
    key: (state) => (model.key === undefined ? JSON.stringify(state) : String(model.key(state))),
    ...(model.partition === undefined
      ? {}
      : { partition: (step: Step) => model.partition?.(asked(step)) ?? null }),
    reads: (step) => model.isRead?.(asked(step)) === true,
  });
}

/** States are opaque to the validator: only the type itself looks into them. */
function anyState<State>(type: SequentialType<State>): SequentialType {
  return {
    ...type,
    step: (state, step) => type.step(state as State, step),
    key: (state) => type.key(state as State),
  };
}
