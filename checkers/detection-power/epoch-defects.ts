/**
 * Defects of what polls told: two sightings of different nodes that told each other's epoch.
 *
 * Each sighting is exchanged with the next one of another node in another epoch, so that there are as many places as
 * sightings, not as many as pairs. Where a checker needs more than one wrong sighting to be sure, as `one-master` does,
 * the share says so.
 */
import type { LeaderSeen, MembershipView, RunEvent } from '../../harness/event.ts';
import type { DefectKind } from './defect.ts';

/** Terms that leaders were seen in; none where terms are not told. */
export function epochDefects(events: readonly RunEvent[]): readonly DefectKind[] {
  const sightings = events.filter((event): event is Termed => isTermed(event));
  const swap = ([one, other]: Exchange<Termed>): readonly [Termed, Termed] => [
    { ...one, term: other.term },
    { ...other, term: one.term },
  ];
  return [
    {
      name: 'swapped-epochs',
      plural: 'single swaps of two epochs',
      ...exchanges(events, sightings, ({ node, term }) => [node, term], swap),
    },
  ];
}

/** Configurations that observers told. */
export function configurationDefects(events: readonly RunEvent[]): readonly DefectKind[] {
  const views = events.filter((event) => event.type === 'membership-view');
  const swap = ([one, other]: Exchange<MembershipView>): Exchange<MembershipView> => [
    { ...one, configuration: other.configuration },
    { ...other, configuration: one.configuration },
  ];
  return [
    {
      name: 'swapped-configurations',
      plural: 'single swaps of two configurations',
      ...exchanges(events, views, ({ observer, configuration }) => [observer, configuration], swap),
    },
  ];
}

type Termed = LeaderSeen & { readonly term: number };
type Exchange<T> = readonly [T, T];
/** Who was seen in which epoch. */
type Tell<T> = (sighting: T) => readonly [who: string, epoch: string | number];

function isTermed(event: RunEvent): boolean {
  return event.type === 'leader-seen' && event.term !== undefined;
}

function exchanges<T extends RunEvent>(
  events: readonly RunEvent[],
  sightings: readonly T[],
  tell: Tell<T>,
  swap: (pair: Exchange<T>) => Exchange<T>,
): Pick<DefectKind, 'places' | 'mutant'> {
  const pairs = exchangeable(sightings, tell);
  return {
    places: pairs.length,
    mutant: (place) => {
      const pair = pairs[place] as Exchange<T>;
      const [one, other] = swap(pair);
      return {
        events: events.map((event) =>
          event === pair[0] ? one : event === pair[1] ? other : event,
        ),
      };
    },
  };
}

/** Each sighting with the next one of another node in another epoch; those without such a one are left out. */
function exchangeable<T>(sightings: readonly T[], tell: Tell<T>): readonly Exchange<T>[] {
  const nextEpoch = beginningsOfNext(sightings, tell);
  return sightings.flatMap((one, at): Exchange<T>[] => {
    const [who, epoch] = tell(one);
    for (let next = nextEpoch[at] as number; next < sightings.length; next++) {
      const other = sightings[next] as T;
      const [otherWho, otherEpoch] = tell(other);
      if (otherWho !== who && otherEpoch !== epoch) return [[one, other]];
    }
    return [];
  });
}

/** For each sighting the place of the first one after it in another epoch. */
function beginningsOfNext<T>(sightings: readonly T[], tell: Tell<T>): Int32Array {
  const beginnings = new Int32Array(sightings.length).fill(sightings.length);
  for (let at = sightings.length - 2; at >= 0; at--) {
    const isLast = tell(sightings[at] as T)[1] !== tell(sightings[at + 1] as T)[1];
    beginnings[at] = isLast ? at + 1 : (beginnings[at + 1] as number);
  }
  return beginnings;
}
