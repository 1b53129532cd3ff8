/** The life of one fault step: approach, claims, armed, fired, verified, healed. Driven by its lane (lanes.ts). */
import type { ClaimTable, ClaimTicket } from './claims.ts';
import { type Clock, within } from './clock.ts';
import type { FaultLog } from './fault-log.ts';
import { healDeadline, latestTime } from './heal-deadline.ts';
import { unknownName } from './nearest.ts';
import type {
  Armed,
  Fault,
  FaultContext,
  FaultRecord,
  FaultStep,
  Observation,
  Targets,
  Trigger,
  Verification,
} from './nemesis.ts';
import { MILLISECOND, SECOND, type Nanoseconds } from './operation.ts';
import { triggerUnavailable, type TriggerContext } from './trigger.ts';
import { splitTrigger } from './trigger-split.ts';
import { waitFor, type WaitOptions } from './trigger-wait.ts';

const RETRY_PERIOD = 50 * MILLISECOND;
const ROLE_RETRY_PERIOD = 100 * MILLISECOND;
/** One look at whether a fault is in effect may take this long, besides what it waits for links to settle. */
const LOOK_LIMIT = 10 * SECOND;
/** Choosing nodes, and getting ready, may each take this long; nothing is broken yet. */
const PREPARE_LIMIT = 10 * SECOND;
const HEAL_LIMIT = 30 * SECOND;
const ENDED = 'not fired: the main phase had ended';

/** What all steps of a run share. */
export interface StepEnvironment {
  readonly clock: Clock;
  readonly faults: ReadonlyMap<string, Fault>;
  readonly claims: ClaimTable;
  readonly log: FaultLog;
  readonly triggers: Omit<TriggerContext, 'base' | 'failed'>;
  readonly context: (step: FaultStep) => FaultContext;
  readonly bounds: StepBounds;
  /** When the main phase ends at the latest. Undefined: not known. */
  readonly mainEnd: Nanoseconds | undefined;
  /** A bug of ours: ends the run. */
  readonly failed: (error: Error) => void;
  /** Something changed that `idle` depends on. */
  readonly changed: () => void;
}

export interface StepBounds {
  /** How long a fault may take to be seen in effect. */
  readonly verifyNanos: Nanoseconds;
  /** How long a healed fault may take to be seen gone. */
  readonly verifyHealedNanos: Nanoseconds;
  readonly settleNanos: Nanoseconds;
  /** How long to wait for a leader to be known, for selectors by role. */
  readonly roleNanos: Nanoseconds;
}

interface Firing {
  readonly at: Nanoseconds;
  /** When the act was known to be done; null while it is not, or when the fault cannot tell. */
  readonly done: { at: Nanoseconds | null };
  readonly error: unknown;
  /** Settles when the fault is to be healed, with a failure of the trigger if it had one. */
  readonly healDue: Promise<Error | null>;
}

type Details = Partial<Omit<Extract<FaultRecord, { id: string }>, 'id' | 'state'>>;

export class StepRun {
  readonly step: FaultStep;
  /** Fired, and not yet seen healed. */
  active = false;
  /** Healed as far as we can, and still measurably in effect. */
  notHealed = false;
  /** Nothing more happens to it before the main phase ends. */
  resting = false;
  readonly #environment: StepEnvironment;
  #ticket: ClaimTicket | null = null;
  #armed: Armed | null = null;

  constructor(step: FaultStep, environment: StepEnvironment) {
    this.step = step;
    this.#environment = environment;
  }

  /** Runs the step to its end; never rejects. @param base when the lane's previous step ended */
  async run(base: Nanoseconds): Promise<void> {
    try {
      await this.#live(base);
    } catch (error) {
      await this.#write('failed', { reason: messageOf(error) });
      if (isBug(error)) this.#environment.failed(bugIn(this.step, error));
    }
    // What is still broken stays claimed: nothing else may be done to it.
    if (!this.notHealed) this.#ticket?.release();
    this.resting = true;
    this.#environment.changed();
  }

  /** Once more, at the end of the run, for a fault that did not heal. */
  async healAgain(): Promise<void> {
    if (!this.notHealed || this.#armed === null) return;
    if (await this.#heal(this.#armed)) this.#ticket?.release();
  }

  async #live(base: Nanoseconds): Promise<void> {
    const { clock, triggers } = this.#environment;
    const fault = this.#environment.faults.get(this.step.kind);
    const reason = this.#unavailable(fault);
    if (reason !== null || fault === undefined) return this.#skip(reason ?? 'unknown kind');
    const { approach, moment, rebased } = splitTrigger(this.step.trigger);
    if (triggers.ending.begun) return this.#skip(ENDED);
    let from = base;
    const approached = (): void => void (from = rebased === true ? clock.now() : base);
    const missed = approach === null ? null : await this.#seenInTime(approach, base, approached);
    if (missed !== null) return this.#skip(missed);
    const targets = await this.#claim(fault);
    if (typeof targets === 'string') return this.#skip(targets);
    const began = clock.now();
    const preparing = fault.prepare(this.#environment.context(this.step), targets);
    const armed = await within(clock, PREPARE_LIMIT, `preparing ${this.step.id}`, preparing);
    this.#armed = armed;
    const until = { notBefore: began, ...this.#deadline(null) };
    if (!(await this.#write('armed', { targets, undo: armed.undo, ...until }))) return;
    const firing = await this.#fire(armed, moment, from);
    if (typeof firing === 'string') {
      armed.disarm?.();
      return this.#skip(firing);
    }
    await this.#afterFiring(armed, firing);
  }

  #unavailable(fault: Fault | undefined): string | null {
    const { faults, triggers } = this.#environment;
    if (fault === undefined) return unknownName('fault', this.step.kind, [...faults.keys()]);
    return (
      fault.unavailable(triggers.cluster) ??
      fault.unavailableIn?.(this.#environment.context(this.step)) ??
      triggerUnavailable(this.step.trigger, triggers.cluster) ??
      triggerUnavailable(this.step.heal, triggers.cluster)
    );
  }

  /** Targets with their claims held, or why there are none. */
  async #claim(fault: Fault): Promise<Targets | string> {
    const { claims, triggers } = this.#environment;
    for (;;) {
      const targets = await this.#resolve(fault);
      if (typeof targets === 'string') return targets;
      const ticket = claims.acquire(this.step.id, targets.claims);
      this.#ticket = ticket;
      if (ticket.held()) return targets;
      const holders = claims.holders(targets.claims).join(', ');
      if (!(await grantedBeforeEnd(ticket, triggers.ending))) {
        return `the main phase ended while it waited for what ${holders} held`;
      }
      // Leaders change while one waits.
      const again = await this.#resolve(fault);
      if (typeof again === 'string') return again;
      if (JSON.stringify(again.claims) === JSON.stringify(targets.claims)) return again;
      ticket.release();
    }
  }

  /** What the step acts on; a leader that is not known yet is waited for, a bounded time. */
  async #resolve(fault: Fault): Promise<Targets | string> {
    const { clock, triggers, bounds } = this.#environment;
    const { selector } = this.step;
    const byRole = selector === 'leader' || selector === 'followers';
    const limit = clock.now() + bounds.roleNanos;
    for (;;) {
      if (this.#overdue()) return 'the time to heal it came while it waited';
      const resolving = fault.resolve(this.#environment.context(this.step));
      const targets = await within(clock, PREPARE_LIMIT, 'choosing its nodes', resolving);
      if (targets !== null) return targets;
      if (!byRole || clock.now() >= limit || triggers.ending.begun) {
        const why = byRole ? ': no leader is known' : '';
        return `selector ${JSON.stringify(selector)} fits no node now${why}`;
      }
      await clock.sleep(ROLE_RETRY_PERIOD);
    }
  }

  #overdue(): boolean {
    const due = this.#healBy();
    return due !== undefined && this.#environment.clock.now() >= due;
  }

  /** When one that has not fired would be healed whatever else happens, in run time; undefined: at the end. */
  #healBy(): Nanoseconds | undefined {
    const { origin } = this.#environment.triggers;
    return latestTime(this.step.heal, { origin, fired: null });
  }

  /** Fires where the moment is seen, synchronously. */
  async #fire(armed: Armed, moment: Trigger | null, base: Nanoseconds): Promise<Firing | string> {
    const firings: (Firing | string)[] = [];
    const act = (): void => {
      const late = this.#overdue() ? 'the time to heal it came before it fired' : null;
      firings.push(late ?? this.#act(armed));
    };
    if (moment === null && !this.#environment.triggers.ending.begun) act();
    const missed = moment === null ? ENDED : await this.#seenInTime(moment, base, act);
    return firings[0] ?? missed ?? ENDED;
  }

  #act(armed: Armed): Firing {
    const at = this.#environment.clock.now();
    this.active = true;
    const done: Firing['done'] = { at: null };
    try {
      armed.fire();
      // What fails shows when the fault is verified.
      const tell = (): void => void (done.at = this.#environment.clock.now());
      armed.done?.().then(tell, () => undefined);
    } catch (error) {
      const thrown = error ?? new Error('thrown: nothing');
      return { at, done, error: thrown, healDue: Promise.resolve(null) };
    }
    // Never rejects: a failed write is told to the lanes.
    void this.#write('fired', { notBefore: at, ...this.#deadline(at) });
    const healDue = this.#seen(this.step.heal, at).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    );
    return { at, done, error: null, healDue };
  }

  #deadline(fired: Nanoseconds | null): Details {
    const { triggers, mainEnd } = this.#environment;
    const times = { origin: triggers.origin, mainEnd, fired };
    const deadline = healDeadline(this.step.heal, times);
    return deadline === undefined ? {} : { deadline };
  }

  async #afterFiring(armed: Armed, firing: Firing): Promise<void> {
    const { bounds } = this.#environment;
    if (firing.error !== null) {
      await this.#write('failed', { reason: `could not be fired: ${messageOf(firing.error)}` });
      if (isBug(firing.error)) this.#environment.failed(bugIn(this.step, firing.error));
      return void (await this.#heal(armed)); // It may have acted in part.
    }
    const effect = await this.#look(() => armed.verify(), bounds.verifyNanos);
    const { observations } = effect;
    if (!effect.verified) {
      const reason = `did not take effect: ${denials(observations)}`;
      await this.#write('failed', { notBefore: firing.at, observations, reason });
      return void (await this.#heal(armed));
    }
    const tookNanos = (firing.done.at ?? this.#environment.clock.now()) - firing.at;
    await this.#write('verified', { notBefore: firing.at, observations, tookNanos });
    this.resting = 'end' in this.step.heal;
    this.#environment.changed();
    const failure = await firing.healDue;
    if (failure !== null) this.#environment.failed(bugIn(this.step, failure));
    await this.#heal(armed, await this.#look(() => armed.verify(), 0));
  }

  /** @returns whether it is seen healed */
  async #heal(armed: Armed, still?: Verification): Promise<boolean> {
    const { clock, bounds } = this.#environment;
    const began = clock.now();
    await this.#write('healing', {
      ...(still === undefined ? {} : { observations: still.observations }),
      ...(still?.verified === false
        ? { reason: `no longer in effect: ${denials(still.observations)}` }
        : {}),
    });
    const error = await this.#tryHeal(armed);
    const tookNanos = clock.now() - began;
    const healed = await this.#look(() => armed.verifyHealed(), bounds.verifyHealedNanos);
    const { observations } = healed;
    this.notHealed = !healed.verified;
    this.active = this.notHealed;
    if (healed.verified) await this.#write('healed', { notBefore: began, observations, tookNanos });
    else {
      const why = error === null ? denials(observations) : messageOf(error);
      const reason = `not healed: ${why}; what is left is removed by: faultline heal --all`;
      await this.#write('failed', { notBefore: began, observations, reason });
    }
    return healed.verified;
  }

  /** @returns what the healing threw; whether it helped is seen by looking */
  async #tryHeal(armed: Armed): Promise<unknown> {
    try {
      await within(this.#environment.clock, HEAL_LIMIT, `healing ${this.step.id}`, armed.heal());
      return null;
    } catch (error) {
      if (isBug(error)) this.#environment.failed(bugIn(this.step, error));
      return error;
    }
  }

  /** Looks until what is looked for is seen, or for this long; at least once. */
  async #look(look: () => Promise<Verification>, forNanos: Nanoseconds): Promise<Verification> {
    const { clock } = this.#environment;
    const limit = clock.now() + forNanos;
    for (;;) {
      const seen = await this.#lookOnce(look);
      if (seen.verified || clock.now() >= limit) return seen;
      await clock.sleep(RETRY_PERIOD);
    }
  }

  async #lookOnce(look: () => Promise<Verification>): Promise<Verification> {
    const { clock, bounds, failed } = this.#environment;
    try {
      return await within(clock, LOOK_LIMIT + bounds.settleNanos, 'looking', look());
    } catch (error) {
      if (isBug(error)) failed(bugIn(this.step, error));
      const seen = messageOf(error);
      return { verified: false, observations: [{ means: 'look', seen, confirms: false }] };
    }
  }

  /** Null when the trigger is seen, else why the step is not fired: it is given up when it would be healed. */
  #seenInTime(trigger: Trigger, base: Nanoseconds, act: () => void): Promise<string | null> {
    const at = this.#healBy();
    const until = at === undefined ? null : { at, what: 'its time to heal' };
    return this.#seen(trigger, base, { act, until });
  }

  #seen(trigger: Trigger, base: Nanoseconds, options?: WaitOptions): Promise<string | null> {
    return waitFor(trigger, { ...this.#environment.triggers, base }, options);
  }

  async #skip(reason: string): Promise<void> {
    await this.#write('skipped', { reason });
  }

  #write(state: Exclude<FaultRecord['state'], 'intended'>, details: Details): Promise<boolean> {
    const now = this.#environment.clock.now();
    const { notBefore = now, ...rest } = details;
    return this.#environment.log.write({
      state,
      id: this.step.id,
      notBefore,
      notAfter: now,
      ...rest,
    });
  }
}

function grantedBeforeEnd(ticket: ClaimTicket, ending: TriggerContext['ending']): Promise<boolean> {
  return new Promise((resolve) => {
    void ticket.granted.then(() => resolve(true)); // Never rejects.
    ending.onBegin(() => resolve(false));
  });
}

/** What was looked at and did not confirm. */
function denials(observations: readonly Observation[]): string {
  const denied = observations.filter(({ confirms }) => !confirms);
  return denied.map(({ means, seen }) => `${means}: ${seen}`).join('; ');
}

/** An error that only a mistake in our own code makes; anything else is the world's. */
export function isBug(error: unknown): boolean {
  return (
    !(error instanceof Error) ||
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ReferenceError ||
    error instanceof SyntaxError
  );
}

function bugIn(step: FaultStep, cause: unknown): Error {
  return new Error(`fault ${step.id} (${step.kind}) has a bug: ${messageOf(cause)}`, { cause });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
