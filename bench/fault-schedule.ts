/** The schedule by which faults are timed: each kind by itself, several times, with time to recover between. */
import type { Fault, FaultStep, Selector } from '../harness/nemesis.ts';
import { MILLISECOND, SECOND, type Nanoseconds, type Value } from '../harness/operation.ts';

/** Where and how a kind is timed, as far as it is not by default. */
export interface TimedKind {
  /** Default: the first of the kind. */
  readonly selector?: Selector;
  /** Default: none. */
  readonly parameters?: Readonly<Record<string, Value>>;
  /** `zookeeper` for what needs a Java virtual machine. Default: `etcd`. */
  readonly system?: 'etcd' | 'zookeeper';
  /** Default: as asked for. */
  readonly repeats?: number;
  /** In a run of its own, as the cluster is not what it was afterwards. Default: false. */
  readonly alone?: boolean;
}

/** How long each fault lasts, and how long the cluster has before the next. */
const LASTS = 1500 * MILLISECOND;
const RECOVERS = 2500 * MILLISECOND;

/** What one step takes at most on a machine that is not starved; for the length of the main phase. */
export const STEP_TIME: Nanoseconds = 9 * SECOND;

/** One lane, step after step. @param kinds in this order */
export function timingSchedule(
  kinds: readonly Fault[],
  timed: Readonly<Record<string, TimedKind>>,
  repeats: number,
): readonly FaultStep[] {
  return kinds.flatMap((fault, place) => {
    const { selector, parameters, repeats: own = repeats } = timed[fault.kind] ?? {};
    return Array.from({ length: own }, (_, repeat): FaultStep => {
      return {
        id: `${fault.kind}-${repeat + 1}`,
        lane: 'timed',
        kind: fault.kind,
        selector: selector ?? fault.selectors[0] ?? 'one',
        ...(parameters === undefined ? {} : { parameters }),
        trigger: { after: RECOVERS },
        heal: { after: LASTS },
        draw: place * repeats + repeat,
      };
    });
  });
}
