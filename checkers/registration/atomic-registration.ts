/**
 * Atomic registration: whoever sees a worker registered sees all the soft state that the worker declares. A worker that
 * is registered in two steps (an id first, what it holds later) can be seen between them.
 *
 * Judges each `worker-state` event for itself: no clock, no quorum. A poll that failed says nothing.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../../harness/checker.ts';
import type { WorkerState } from '../../harness/event.ts';
import { flagOption, namesOption } from '../check-options.ts';
import type { CheckOptions } from '../check-options.ts';
import { eventProofOf, seenAt } from '../event-proof.ts';
import { listOf } from '../value-text.ts';
import { differingState, workerStates, missingState, stateText } from './worker-states.ts';

/**
 * - `values`: what is shown must also be equal to what is declared. For soft state that is sent once, with the
 *   registration; default false: it must be there.
 * - `except`: names of soft state that may be sent later than the registration; default none.
 */
interface RegistrationOptions {
  readonly values: boolean;
  readonly except: ReadonlySet<string>;
}

const MOST_TOLD = 10;

export const checkAtomicRegistration: Check = (run, options): Verdict => {
  const resolved = registrationOptions(options);
  const registered = workerStates(run.events).filter((state) => state.registered);
  const partial = new Map<string, WorkerState[]>();
  for (const state of registered) {
    const names = partialState(state, resolved);
    if (names.length === 0) continue;
    const kind = `${state.observer} ${state.worker} ${names.join()}`;
    const others = partial.get(kind);
    if (others === undefined) partial.set(kind, [state]);
    else others.push(state);
  }
  const figures = { views: registered.length, partial: partial.size };
  if (partial.size > 0) {
    const anomalies = [...partial.values()]
      .slice(0, MOST_TOLD)
      .map((states) => partialRegistration(run, states, resolved));
    const summary = `${String(partial.size)} workers were seen registered without all their soft state`;
    return { valid: 'invalid', summary, anomalies, figures };
  }
  if (!registered.some(({ declared }) => Object.keys(declared).length > 0)) {
    const summary = 'no view showed a registered worker that declares soft state';
    return { valid: 'unknown', reason: 'vacuous', summary, figures };
  }
  const summary = `${String(registered.length)} views of registered workers, each with all their soft state`;
  return { valid: 'valid', summary, figures };
};

function registrationOptions(options: CheckOptions): RegistrationOptions {
  return {
    values: flagOption(options, 'values', false),
    except: new Set(namesOption(options, 'except', [])),
  };
}

function partialState(state: WorkerState, { values, except }: RegistrationOptions): string[] {
  const differing = values ? differingState(state) : [];
  return [...missingState(state), ...differing].filter((name) => !except.has(name));
}

function partialRegistration(
  run: RecordedRun,
  states: readonly WorkerState[],
  options: RegistrationOptions,
): Anomaly {
  const [first] = states as [WorkerState];
  const names = partialState(first, options).map((name) => stateText(first, name));
  const times = listOf(states.map(seenAt), 3);
  return {
    name: 'partial-registration',
    guarantee: 'A registered worker always shows all its declared soft state.',
    explanation:
      `${first.observer} listed ${first.worker} as registered at ${times}, and showed ${listOf(names)}. ` +
      `Whoever asked it then met a worker that was not there yet.`,
    ...eventProofOf(run, states),
  };
}
