/** What the engines for models search: one partition of a history, its operations numbered in the order of their calls. */
import type { Value } from '../../harness/operation.ts';
import { identityOf } from '../value-text.ts';
import type { ConcurrentOperation, Model } from './model.ts';
import type { Shortcut } from './model-shortcut.ts';

/** The step of a machine that the operation cannot have taken. */
export const IMPOSSIBLE = -1;

/** A model's states and operations as numbers. */
export interface StateMachine {
  readonly initial: number;
  /** The state after operation number `operation`; IMPOSSIBLE when it cannot have its output in this state. */
  step(state: number, operation: number): number;
  /** 1 where the operation never changes any state. */
  readonly reads: Uint8Array;
  /** Operations of one class do the same and say the same. */
  readonly classes: Int32Array;
  /** No two operations are of one class. */
  readonly distinct: boolean;
}

export interface ModelProblem {
  /** Number of operations. */
  readonly size: number;
  /** In real-time order: `o` where operation number o is called, `~o` where it ends. One that never completed never ends. */
  readonly events: readonly number[];
  readonly machine: StateMachine;
}

/** One partition of a history. */
export interface Partition {
  readonly key: Value;
  /** In the order of their calls. */
  readonly operations: readonly ConcurrentOperation[];
  /** As in {@link ModelProblem}. */
  readonly events: readonly number[];
}

/** A model that knows more than its steps. */
export interface SpecialModel<State> extends Model<State> {
  /** A faster machine for this partition when it begins in `state`; null where it does not apply. */
  compile?(partition: Partition, state: State): StateMachine | null;
  /** Decides the partition, beginning in the first state, without search; null where that does not apply. */
  shortcut?(partition: Partition): Shortcut | null;
}

/** The partition, beginning in `state`, with its operations' steps to be asked of the model. */
export function compileModel<State>(
  model: SpecialModel<State>,
  partition: Partition,
  state: State,
): ModelProblem {
  const { operations, events } = partition;
  const machine = model.compile?.(partition, state) ?? new ModelMachine(model, operations, state);
  return { size: operations.length, events, machine };
}

/** Tables of steps hold so many entries; what is beyond that goes to a map. */
const MOST_TABLE_ENTRIES = 1 << 22;
const UNKNOWN = -2;

/** States of a model, numbered as they are reached; each step is asked of the model once. */
export class ModelMachine<State> implements StateMachine {
  readonly initial: number;
  readonly reads: Uint8Array;
  readonly classes: Int32Array;
  readonly distinct: boolean;
  readonly #model: Model<State>;
  readonly #samples: ConcurrentOperation[] = [];
  readonly #states: State[] = [];
  readonly #numbers = new Map<string | number, number>();
  readonly #rows: (Int32Array | null)[] = [];
  readonly #rest = new Map<number, number>();
  #entries = 0;

  constructor(model: Model<State>, operations: readonly ConcurrentOperation[], initial: State) {
    this.#model = model;
    this.classes = new Int32Array(operations.length);
    this.reads = new Uint8Array(operations.length);
    this.#classify(operations);
    this.distinct = this.#samples.length === operations.length;
    this.initial = this.#numberOf(initial);
  }

  /** The state that has this number. */
  stateOf(number: number): State {
    return this.#states[number] as State;
  }

  step(state: number, operation: number): number {
    const kind = this.classes[operation] as number;
    const row = this.#rows[state] as Int32Array | null;
    if (row === null) return this.#stepInMap(state, kind);
    const known = row[kind] as number;
    return known === UNKNOWN ? (row[kind] = this.#ask(state, kind)) : known;
  }

  #classify(operations: readonly ConcurrentOperation[]): void {
    const known = new Map<string, number>();
    operations.forEach((operation, number) => {
      const identity = classOf(operation);
      let kind = known.get(identity);
      if (kind === undefined) {
        kind = this.#samples.length;
        known.set(identity, kind);
        this.#samples.push(operation);
      }
      this.classes[number] = kind;
      this.reads[number] = this.#model.isRead?.(operation) === true ? 1 : 0;
    });
  }

  #stepInMap(state: number, kind: number): number {
    const place = state * this.#samples.length + kind;
    let next = this.#rest.get(place);
    if (next === undefined) this.#rest.set(place, (next = this.#ask(state, kind)));
    return next;
  }

  #ask(state: number, kind: number): number {
    const after = this.#model.step(this.stateOf(state), this.#samples[kind] as ConcurrentOperation);
    return after === undefined ? IMPOSSIBLE : this.#numberOf(after);
  }

  #numberOf(state: State): number {
    const key = this.#model.key === undefined ? JSON.stringify(state) : this.#model.key(state);
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#states.length;
      this.#numbers.set(key, number);
      this.#states.push(state);
      const fits = this.#entries + this.#samples.length <= MOST_TABLE_ENTRIES;
      this.#rows.push(fits ? new Int32Array(this.#samples.length).fill(UNKNOWN) : null);
      this.#entries += this.#samples.length;
    }
    return number;
  }
}

function classOf({ f, input, output }: ConcurrentOperation): string {
  return `${f} ${identityOf(input)} ${output === undefined ? '' : identityOf(output)}`;
}
