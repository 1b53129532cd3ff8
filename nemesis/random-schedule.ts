/**
 * Random schedules: drawn once, before the run, from the seed. Pure.
 *
 * One lane a package; the draws of a step are keyed by (seed, package, ordinal), so that asking for one more package
 * does not change the others' steps. Steps fire and heal at planned times, so that what one fault delays moves no other
 * and the quiet windows stay quiet: a step that could not get its claims before its time to heal is skipped. With
 * `triggers: 'drawn'` some of them wait, from their planned time on, for something that the system does (moments.ts),
 * and fire at the middle of their time if it does not come. Packages of chains draw their steps themselves.
 *
 * Nothing is active in the first 5 % and first second (the system serves undisturbed), around the middle (it recovers), and in the last
 * 20 % (it recovers, and what is left of its work is seen). The packages' first steps are fixed (packages.ts): with
 * `kill,partition` any run of 10 s or more has a kill right at the beginning and an isolation of the leader.
 */
import type { FaultStep, Moments, NemesisPackage, Trigger } from '../harness/nemesis.ts';
import { MILLISECOND, type Nanoseconds, type NodeName } from '../harness/operation.ts';
import { type Draws, seededRandom } from '../harness/random.ts';
import { atMost, drawMoment } from './moments.ts';
import { keepQuorum, lossOf, minorityOf, type Portion } from './quorum.ts';

export interface RandomScheduleOptions {
  readonly packages: readonly NemesisPackage[];
  readonly nodes: readonly NodeName[];
  readonly seed: bigint;
  /** Length of the main phase. */
  readonly timeLimitNanos: Nanoseconds;
  /** Mean of gaps and of durations. Default, and at most: a sixth of the time limit, and 10 s. */
  readonly meanIntervalNanos?: Nanoseconds;
  /** Default: 0.05 (at least a second, at most 0.2), 0.1 and 0.2 of the time limit. */
  readonly quiet?: QuietShares;
  /** `drawn`: some steps wait for something that the system does, drawn from `moments`. Default: times only. */
  readonly triggers?: 'times' | 'drawn';
  /** What is known of the system to draw moments from. Default: nothing. */
  readonly moments?: Moments;
  /**
   * `keep`: a majority of the nodes is untouched at every moment; steps that would take it are left out, those of later
   * packages first. Default `any`: a majority may be lost, but not in the quiet windows.
   */
  readonly quorum?: 'any' | 'keep';
}

/** Shares of the time limit in which nothing is active. */
export interface QuietShares {
  readonly beginning: number;
  readonly middle: number;
  readonly end: number;
}

/** In nanoseconds after the main phase began. */
export interface Window {
  readonly from: Nanoseconds;
  readonly to: Nanoseconds;
}

/** In less than a second a busy machine serves too little for a run to say that the system worked at all. */
const LEAST_BEGINNING = 1000 * MILLISECOND;
/** Faults shorter than this share of the mean are not worth their while. */
const LEAST_SHARE = 0.2;
/** How many of the steps wait for something that the system does, where that is asked for. */
const DRAWN_SHARE = 0.5;
const NOTHING_KNOWN: Moments = { catalogue: null, probes: [] };

/** The windows in which nothing is active, in order. */
export function quietWindows(
  timeLimit: Nanoseconds,
  quiet: QuietShares = defaultQuiet(timeLimit),
): readonly [Window, Window, Window] {
  const begins = wholeMillis(timeLimit * quiet.beginning);
  const ends = wholeMillis(timeLimit * (1 - quiet.end));
  const half = wholeMillis((timeLimit * quiet.middle) / 2);
  const middle = wholeMillis((begins + ends) / 2);
  return [
    { from: 0, to: begins },
    { from: middle - half, to: middle + half },
    { from: ends, to: timeLimit },
  ];
}

function defaultQuiet(timeLimit: Nanoseconds): QuietShares {
  const beginning = Math.max(0.05, Math.min(0.2, LEAST_BEGINNING / timeLimit));
  return { beginning, middle: 0.1, end: 0.2 };
}

/** @returns the steps of all packages, lane by lane. Equal options, equal steps. */
export function randomSchedule(options: RandomScheduleOptions): readonly FaultStep[] {
  const portions = options.packages.flatMap((one) =>
    one.chains === undefined ? laneOf(one, options) : chainsOf(one, options),
  );
  const kept =
    options.quorum === 'keep' ? keepQuorum(portions, minorityOf(options.nodes.length)) : portions;
  return kept.flatMap(({ steps }) => steps);
}

/** One portion a step. */
function laneOf(one: NemesisPackage, options: RandomScheduleOptions): readonly Portion[] {
  const random = seededRandom(options.seed);
  const mean = meanInterval(options) * (one.pace ?? 1);
  const windows = quietWindows(options.timeLimitNanos, options.quiet);
  const portions: Portion[] = [];
  let time = windows[0].to;
  for (let ordinal = 0; ; ordinal++) {
    const draws = random.sequence(`schedule/${one.name}`, ordinal);
    const delay = ordinal === 0 ? (one.firstDelay ?? [0, 0.2]) : null;
    const slot = drawSlot(draws, time, mean, delay, windows);
    if (slot === null) return portions;
    const step = makeStep(one, ordinal, draws, slot, options.nodes);
    const trigger = drawTrigger(one, ordinal, slot, options) ?? step.trigger;
    const loss = lossOf(step, options.nodes.length);
    portions.push({ steps: [{ ...step, trigger }], ...slot, loss });
    time = slot.to;
  }
}

/** One portion a span between quiet windows: what is drawn there waits for each other. */
function chainsOf(one: NemesisPackage, options: RandomScheduleOptions): readonly Portion[] {
  const { nodes, seed, timeLimitNanos, quiet, moments = NOTHING_KNOWN, quorum = 'any' } = options;
  const random = seededRandom(seed);
  const [beginning, middle, end] = quietWindows(timeLimitNanos, quiet);
  const whole = { from: beginning.to, to: end.from };
  const halves = [
    { from: beginning.to, to: middle.from },
    { from: middle.to, to: end.from },
  ];
  const spans = middle.to > middle.from ? halves : [whole];
  return spans.map((span, index) => {
    const draws = random.sequence(`schedule/${one.name}`, index);
    const request = { draws, nodes, span, prefix: `${one.name}-${index + 1}`, moments, quorum };
    return { steps: one.chains?.(request) ?? [], ...span, loss: minorityOf(nodes.length) };
  });
}

/** Null: at the planned time. */
function drawTrigger(
  one: NemesisPackage,
  ordinal: number,
  slot: Window,
  { seed, nodes, triggers = 'times', moments = NOTHING_KNOWN }: RandomScheduleOptions,
): Trigger | null {
  // The first steps are what every run is to have.
  if (triggers === 'times' || (ordinal === 0 && one.first !== undefined)) return null;
  const draws = seededRandom(seed).sequence(`triggers/${one.name}`, ordinal);
  if (draws.next() >= DRAWN_SHARE) return null;
  const wait = wholeMillis((slot.to - slot.from) / 2);
  return { then: [{ at: slot.from }, atMost(drawMoment(draws, nodes, moments), wait)] };
}

function meanInterval({ meanIntervalNanos, timeLimitNanos }: RandomScheduleOptions): Nanoseconds {
  return Math.min(meanIntervalNanos ?? 10_000 * MILLISECOND, timeLimitNanos / 6);
}

/** When the next step is active, or null when no time is left for one. */
function drawSlot(
  draws: Draws,
  time: Nanoseconds,
  mean: Nanoseconds,
  firstDelay: readonly [number, number] | null,
  windows: readonly Window[],
): Window | null {
  const [low, high] = firstDelay ?? [0.4, 1.6];
  const delay = draws.between(low, high) * mean;
  const duration = draws.between(0.4, 1.6) * mean;
  const afterQuiet = draws.between(0, 0.3) * mean;
  let from = wholeMillis(time + delay);
  for (const quiet of windows) {
    if (from >= quiet.to) continue;
    const to = Math.min(wholeMillis(from + duration), quiet.from);
    if (to - from >= LEAST_SHARE * mean) return { from, to };
    from = wholeMillis(quiet.to + afterQuiet);
  }
  return null;
}

function makeStep(
  one: NemesisPackage,
  ordinal: number,
  draws: Draws,
  slot: Window,
  nodes: readonly NodeName[],
): FaultStep {
  const draw = draws.below(0x7fffffff);
  const drawn = one.draw(draws, nodes);
  const { kind, selector, parameters } = ordinal === 0 ? (one.first ?? drawn) : drawn;
  return {
    id: `${one.name}-${ordinal + 1}`,
    lane: one.name,
    kind,
    selector,
    ...(parameters === undefined ? {} : { parameters }),
    trigger: { at: slot.from },
    heal: { at: slot.to },
    draw,
  };
}

function wholeMillis(time: Nanoseconds): Nanoseconds {
  return Math.round(time / MILLISECOND) * MILLISECOND;
}
