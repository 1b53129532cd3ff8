/**
 * Defects of a register: a write that was acknowledged and never applied, and a read answered with what was there before.
 *
 * The order in which the checker found the history legal is executed again with the one defect, and every answer that
 * then comes out different is changed in the recorded history, compare-and-sets included. Calls and ends stay where
 * they were: only what was answered differs, as it would have on the wire.
 */
import type { Operation, Value } from '../../harness/operation.ts';
import type { OperationPair } from '../operation-pairs.ts';
import { identityOf, isList, isRecord, unwrapValue } from '../value-text.ts';
import type { DefectKind, Mutant } from './defect.ts';

/** Which operations do what, and whether values are pairs with a key. */
export interface RegisterConventions {
  readonly reads: ReadonlySet<string>;
  readonly writes: ReadonlySet<string>;
  readonly cas: ReadonlySet<string>;
  readonly keyed: boolean;
  readonly initial: Value;
}

/** One register of a valid run. */
export interface WitnessedRegister {
  /** Its lines, in order. */
  readonly history: readonly Operation[];
  /** Its operations in the order in which they were legal. */
  readonly order: readonly OperationPair[];
}

type Step =
  | { readonly kind: 'read'; readonly pair: OperationPair }
  | { readonly kind: 'write'; readonly pair: OperationPair; readonly value: Value }
  | {
      readonly kind: 'cas';
      readonly pair: OperationPair;
      readonly from: Value;
      readonly to: Value;
    };

/** The register's value before each step of the order, and after the last. */
function statesOf(steps: readonly Step[], initial: Value): Value[] {
  const states = [initial];
  for (const step of steps) states.push(after(step, states.at(-1) as Value));
  return states;
}

function after(step: Step, state: Value): Value {
  if (step.kind === 'read') return state;
  if (step.kind === 'write') return step.value;
  return same(step.from, state) ? step.to : state;
}

function same(a: Value, b: Value): boolean {
  return a === b || identityOf(a) === identityOf(b);
}

/** The two kinds of defects, of one register. */
export function registerDefects(
  register: WitnessedRegister,
  conventions: RegisterConventions,
): readonly DefectKind[] {
  const steps = register.order.map((pair) => stepOf(pair, conventions));
  const states = statesOf(steps, conventions.initial);
  const edit = (answers: ReadonlyMap<number, Value>): Mutant | null =>
    answers.size === 0
      ? null
      : { history: withAnswers(register.history, answers, conventions.keyed) };
  const writes = positions(steps, (step, at) => isAcknowledgedWrite(step, states[at] as Value));
  const reads = positions(
    steps,
    (step, at) => step.kind === 'read' && earlier(states, at) !== null,
  );
  return [
    {
      name: 'lost-write',
      plural: 'single lost writes',
      places: writes.length,
      mutant: (place) => edit(answersWithout(steps, states, writes[place] as number)),
    },
    {
      name: 'stale-read',
      plural: 'single stale reads',
      places: reads.length,
      mutant: (place) => {
        const at = reads[place] as number;
        const { pair } = steps[at] as Step;
        const index = pair.completion?.index;
        const [stale] = earlier(states, at) ?? [];
        return index === undefined || stale === undefined ? null : edit(new Map([[index, stale]]));
      },
    },
  ];
}

function positions(steps: readonly Step[], holds: (step: Step, at: number) => boolean): number[] {
  return [...steps.keys()].filter((at) => holds(steps[at] as Step, at));
}

/** A write or a compare-and-set that took effect, and whose client was told so. */
function isAcknowledgedWrite(step: Step, before: Value): boolean {
  if (step.pair.completion?.type !== 'ok' || step.kind === 'read') return false;
  return step.kind === 'write' || same(step.from, before);
}

/** The value before the latest change before this place, in a list of one; null when there was no change. */
function earlier(states: readonly Value[], at: number): [Value] | null {
  const now = states[at] as Value;
  for (let before = at - 1; before >= 0; before--) {
    const state = states[before] as Value;
    if (!same(state, now)) return [state];
  }
  return null;
}

/** Answers by completion index, where they differ when the write at `lost` is not applied. */
function answersWithout(
  steps: readonly Step[],
  states: readonly Value[],
  lost: number,
): ReadonlyMap<number, Value> {
  const answers = new Map<number, Value>();
  let state = states[lost] as Value;
  for (let at = lost + 1; at < steps.length && !same(state, states[at] as Value); at++) {
    const step = steps[at] as Step;
    const index = step.pair.completion?.type === 'ok' ? step.pair.completion.index : undefined;
    if (index !== undefined && step.kind === 'read') answers.set(index, state);
    if (index !== undefined && step.kind === 'cas') {
      const swapped = same(step.from, state);
      if (swapped !== same(step.from, states[at] as Value)) answers.set(index, { swapped });
    }
    state = after(step, state);
  }
  return answers;
}

/** The lines, with other answers in some of them. */
function withAnswers(
  history: readonly Operation[],
  answers: ReadonlyMap<number, Value>,
  keyed: boolean,
): readonly Operation[] {
  return history.map((operation) => {
    const answer = answers.get(operation.index);
    if (answer === undefined) return operation;
    const [key, told] = keyed
      ? (operation.value as readonly [Value, Value])
      : [null, operation.value];
    const value = answerLike(told, answer);
    return { ...operation, value: keyed ? [key, value] : value };
  });
}

/** In the form of what was told: `{value, version}` stays a record, `{swapped}` too. */
function answerLike(told: Value, answer: Value): Value {
  if (isRecord(answer) && 'swapped' in answer)
    return isRecord(told) ? { ...told, ...answer } : answer;
  return isRecord(told) && 'value' in told ? { ...told, value: answer } : answer;
}

function stepOf(pair: OperationPair, conventions: RegisterConventions): Step {
  const { f, value } = pair.invoke;
  const asked = conventions.keyed ? ((value as readonly [Value, Value])[1] ?? null) : value;
  if (conventions.reads.has(f)) return { kind: 'read', pair };
  if (conventions.writes.has(f)) return { kind: 'write', pair, value: unwrapValue(asked) };
  const { from, to } = isList(asked)
    ? { from: asked[0] ?? null, to: asked[1] ?? null }
    : {
        from: (asked as Record<string, Value>)['from'] ?? null,
        to: (asked as Record<string, Value>)['to'] ?? null,
      };
  return { kind: 'cas', pair, from, to };
}
