/**
 * Agreement on membership: one configuration (an epoch, a ring id) has one member list and one master; while an observer
 * runs, its configuration never goes back; and once all faults are healed, all observers come to the same one within T.
 *
 * Members are compared by configuration, never by term. The last part accuses only when two observers, alive and linked
 * all the time (pessimistic edges), were seen to stay with different configurations for T together.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../../harness/checker.ts';
import type { MembershipView, RunEvent } from '../../harness/event.ts';
import type { Nanoseconds, NodeName, Value } from '../../harness/operation.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import { flagOption, numberOption } from '../check-options.ts';
import type { CheckOptions } from '../check-options.ts';
import { eventProofOf, seenAt } from '../event-proof.ts';
import { MAIN_PHASE } from '../run-bounds.ts';
import { STALL_BOUND_MS } from '../stalls.ts';
import { listOf } from '../value-text.ts';
import { isOlder } from './configuration-order.ts';
import { disagreements } from './quiescence.ts';

/**
 * - `recoveryMs`: T of agreement at quiescence. Default: the run's own, facts.recoveryMs.
 * - `durable`: observers keep their configuration over a restart, so that it never goes back at all. Default false:
 *   it may, when the observer was down in between.
 * - `stallBoundMs`: a stall of the harness so long excuses the time around it. Default: 750.
 * - `mainPhase`: the phase from whose beginning all nodes count as up. Default: 'drive'.
 */
export interface AgreementOptions {
  readonly recovery: Nanoseconds;
  readonly durable: boolean;
  readonly stallBound: Nanoseconds;
  readonly mainPhase: Value;
}

const MOST_TOLD = 10;

export const checkAgreement: Check = (run, options): Verdict => {
  const resolved = agreementOptions(run, options);
  const views = run.events.filter(isMembershipView);
  const lasting = run.facts.cutOff === true ? [] : disagreements(run, views, resolved);
  const anomalies = [
    ...conflicts(run, views),
    ...stepsBack(run, views, resolved.durable),
    ...lasting,
  ];
  const configurations = new Set(views.map(({ configuration }) => configuration)).size;
  const observers = new Set(views.map(({ observer }) => observer)).size;
  const figures = { views: views.length, observers, configurations, anomalies: anomalies.length };
  if (anomalies.length > 0) {
    const names = [...new Set(anomalies.map(({ name }) => name))];
    const summary = `${String(anomalies.length)} anomalies of membership: ${listOf(names)}`;
    return { valid: 'invalid', summary, anomalies: anomalies.slice(0, MOST_TOLD), figures };
  }
  if (views.length === 0) {
    const summary = 'no observer told its view of the membership';
    return { valid: 'unknown', reason: 'vacuous', summary, figures };
  }
  const summary = `${String(observers)} observers agree on ${String(configurations)} configurations in ${String(views.length)} views`;
  return { valid: 'valid', summary, figures };
};

function agreementOptions(run: RecordedRun, options: CheckOptions): AgreementOptions {
  return {
    recovery: numberOption(options, 'recoveryMs', run.facts.recoveryMs) * MILLISECOND,
    durable: flagOption(options, 'durable', false),
    stallBound: numberOption(options, 'stallBoundMs', STALL_BOUND_MS) * MILLISECOND,
    mainPhase: options['mainPhase'] ?? MAIN_PHASE,
  };
}

function isMembershipView(event: RunEvent): event is MembershipView {
  return event.type === 'membership-view';
}

/** Views of one configuration with other members, or with another master. Each configuration once. */
function conflicts(run: RecordedRun, views: readonly MembershipView[]): Anomaly[] {
  const firsts = new Map<string, MembershipView>();
  const masters = new Map<string, MembershipView>();
  const accused = new Set<string>();
  const anomalies: Anomaly[] = [];
  for (const view of views) {
    const { configuration } = view;
    const first = firsts.get(configuration);
    if (first === undefined) firsts.set(configuration, view);
    else if (membersOf(first) !== membersOf(view) && !accused.has(`members ${configuration}`)) {
      accused.add(`members ${configuration}`);
      anomalies.push(conflict(run, 'two-memberships', first, view));
    }
    if (view.master === undefined || view.master === null) continue;
    const before = masters.get(configuration);
    if (before === undefined) masters.set(configuration, view);
    else if (before.master !== view.master && !accused.has(`master ${configuration}`)) {
      accused.add(`master ${configuration}`);
      anomalies.push(conflict(run, 'two-masters', before, view));
    }
  }
  return anomalies;
}

function membersOf({ members }: MembershipView): string {
  return [...members].sort().join(' ');
}

function conflict(
  run: RecordedRun,
  name: 'two-memberships' | 'two-masters',
  one: MembershipView,
  other: MembershipView,
): Anomaly {
  const what = name === 'two-masters' ? 'master' : 'member list';
  return {
    name,
    guarantee: `One configuration has one ${what}.`,
    explanation: `Of configuration ${one.configuration}, ${viewText(one)}, but ${viewText(other)}.`,
    ...eventProofOf(run, [one, other]),
  };
}

/** `n1 saw n1, n2 with master n1 (1.2 s–1.3 s)`. */
function viewText(view: MembershipView): string {
  const { observer, members, master } = view;
  const led = master === undefined || master === null ? '' : ` with master ${master}`;
  return `${observer} saw ${members.join(', ')}${led} (${seenAt(view)})`;
}

/** Views that show an older configuration than their observer had shown before. */
function stepsBack(
  run: RecordedRun,
  views: readonly MembershipView[],
  durable: boolean,
): Anomaly[] {
  const anomalies: Anomaly[] = [];
  for (const observer of new Set(views.map((view) => view.observer))) {
    const restarts = durable ? [] : run.events.filter((event) => isRestart(event, observer));
    const own = views.filter((view) => view.observer === observer);
    const step = stepBack(own, restarts);
    if (step !== null) anomalies.push(wentBack(run, step));
  }
  return anomalies;
}

/** A server that went down and up again may have forgotten. */
function isRestart(event: RunEvent, observer: NodeName): boolean {
  return (event.type === 'node-down' || event.type === 'node-up') && event.node === observer;
}

/** The first two views of one observer, in order and without a restart between, of which the later is older. */
function stepBack(
  views: readonly MembershipView[],
  restarts: readonly RunEvent[],
): readonly [MembershipView, MembershipView] | null {
  let left = new Set<string>();
  let last: MembershipView | null = null;
  for (const view of views) {
    // Only if the one surely came before the other.
    if (last !== null && last.notAfter > view.notBefore) continue;
    const previous: MembershipView | null = last;
    const restarted = restarts.some(
      ({ notBefore, notAfter }) =>
        previous !== null && notAfter >= previous.notBefore && notBefore <= view.notAfter,
    );
    if (restarted) left = new Set();
    else if (previous !== null && previous.configuration !== view.configuration) {
      const returned = left.has(view.configuration);
      if (returned || isOlder(view.configuration, previous.configuration)) return [previous, view];
      left.add(previous.configuration);
    }
    last = view;
  }
  return null;
}

function wentBack(
  run: RecordedRun,
  [before, after]: readonly [MembershipView, MembershipView],
): Anomaly {
  return {
    name: 'configuration-went-back',
    guarantee: 'The configuration that an observer is in never goes back.',
    explanation:
      `${before.observer} was in configuration ${before.configuration} (${seenAt(before)}), and then in ` +
      `${after.configuration} (${seenAt(after)}), which is older or had been left.`,
    ...eventProofOf(run, [before, after]),
  };
}
