/**
 * What the system and its clients felt of each fault: leaderships that changed, and operations that failed, stayed
 * open or were held up while it was in effect. A fault can be verified and yet not felt: a cut between two followers,
 * a pause of a node that nobody asked anything.
 *
 * What overlapping faults did is counted for each of them: nothing recorded tells whose doing it was.
 */
import type { RecordedRun } from '../harness/checker.ts';
import type { LeaderSeen, RunEvent } from '../harness/event.ts';
import type { Observation } from '../harness/nemesis.ts';
import type { Nanoseconds, NodeName, Value } from '../harness/operation.ts';
import { MILLISECOND } from '../harness/operation.ts';
import { faultWindows } from './fault-windows.ts';
import type { FaultWindow } from './fault-windows.ts';
import { isService, pairOperations } from './operation-pairs.ts';
import type { OperationPair } from './operation-pairs.ts';

/** One verified fault, and what came of it. */
export interface FaultEffect {
  readonly window: FaultWindow;
  /** Sightings of another leader, or of a later term, than the one before. */
  readonly leaderChanges: number;
  /** Operations that were outstanding during the fault and got no service, surely without effect. */
  readonly failed: number;
  /** The same, with an outcome that is not known. */
  readonly indefinite: number;
  /** Operations that were served during the fault, later than any that met no fault. */
  readonly delayed: number;
}

/** An answer is late only if it took at least so long, however quick the others were. */
const LEAST_DELAY: Nanoseconds = 100 * MILLISECOND;
/** Observations told in words for each fault. */
const MOST_TOLD = 6;

/** The effects of the faults that were verified, in the order of the schedule. */
export function faultEffects(run: RecordedRun): FaultEffect[] {
  const windows = faultWindows(run.faults).filter(({ from }) => from !== null);
  const changes = leaderChanges(run.events);
  const pairs = pairOperations(run.history);
  const usual = slowestUndisturbed(pairs, windows);
  return windows
    .filter(({ verified }) => verified)
    .map((window) => {
      const during = pairs.filter((pair) => overlaps(pair, window));
      const count = (is: (pair: OperationPair) => boolean): number => during.filter(is).length;
      return {
        window,
        leaderChanges: changes.filter((time) => isIn(time, window)).length,
        failed: count(({ completion }) => completion?.type === 'fail' && !isService(completion)),
        indefinite: count(({ completion }) => completion === null || completion.type === 'info'),
        delayed: count((pair) => usual !== null && servedAfter(pair) > usual),
      };
    });
}

/** Whether anything came of it that a client or an observer could see. */
export function isFelt(effect: FaultEffect): boolean {
  const { leaderChanges: changes, failed, indefinite, delayed } = effect;
  return changes + failed + indefinite + delayed > 0;
}

/** For the figures: one record a fault. */
export function effectFigures(effects: readonly FaultEffect[]): Value {
  return effects.map((effect) => {
    const { window, leaderChanges: changes, failed, indefinite, delayed } = effect;
    return {
      id: window.id,
      kind: window.kind,
      nodes: [...(window.targets?.nodes ?? [])],
      verified: true,
      observations: told(window.observations),
      felt: { leaderChanges: changes, failed, indefinite, delayed },
    };
  });
}

/** The first of each kind of observation first, so that independent ones are among those told. */
function told(observations: readonly Observation[]): Value {
  const firsts = new Map(
    observations.map(({ means, seen }) => [means.split(' ')[0], { means, seen }]),
  );
  const words = observations.map(({ means, seen }) => ({ means, seen }));
  const ordered = [...firsts.values(), ...words].map(({ means, seen }) => `${means}: ${seen}`);
  return [...new Set(ordered)].slice(0, MOST_TOLD);
}

/** When another leader was seen than before. A deposed leader that still says it leads, in an older term, is no news. */
function leaderChanges(events: readonly RunEvent[]): Nanoseconds[] {
  let leader: NodeName | null = null;
  let term = -Infinity;
  const changes: Nanoseconds[] = [];
  for (const event of events) {
    if (event.type !== 'leader-seen' || (event.term ?? term) < term) continue;
    if (leader !== null && isAnother(event, leader, term)) changes.push(event.notAfter);
    leader = event.node;
    term = event.term ?? term;
  }
  return changes;
}

function isAnother(event: LeaderSeen, leader: NodeName, term: number): boolean {
  return event.node !== leader || (event.term ?? term) > term;
}

/** How long the slowest answer took that no fault was in effect for; null when there is none. */
function slowestUndisturbed(
  pairs: readonly OperationPair[],
  windows: readonly FaultWindow[],
): Nanoseconds | null {
  const undisturbed = pairs.filter(
    (pair) => servedAfter(pair) > 0 && !windows.some((window) => overlaps(pair, window)),
  );
  if (undisturbed.length === 0) return null;
  return undisturbed.reduce((most, pair) => Math.max(most, servedAfter(pair)), LEAST_DELAY);
}

/** Zero when it was not served. */
function servedAfter({ invoke, completion }: OperationPair): Nanoseconds {
  return completion !== null && isService(completion) ? completion.time - invoke.time : 0;
}

function overlaps({ invoke, completion }: OperationPair, { from, to }: FaultWindow): boolean {
  return invoke.time <= (to ?? Infinity) && (completion?.time ?? Infinity) >= (from ?? Infinity);
}

function isIn(time: Nanoseconds, { from, to }: FaultWindow): boolean {
  return time >= (from ?? Infinity) && time <= (to ?? Infinity);
}
