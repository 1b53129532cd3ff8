/** The types that the validator can execute, by the name of their model. */
import type { Model, ModelOperation } from '../linearizability/model.ts';
import { KEY_VALUE_TYPE } from './key-value-type.ts';
import { registerType } from './register-type.ts';
import type { SequentialType, Step } from './sequential-type.ts';

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

export const TYPES: Readonly<Record<string, Types>> = {
  register: REGISTER,
  'cas-register': REGISTER,
  kv: { whole: anyState(KEY_VALUE_TYPE) },
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
