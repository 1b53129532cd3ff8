/** What share of single defects a valid run would have shown. */
import type { Operation } from '../../harness/operation.ts';
import { seededRandom } from '../../harness/random.ts';
import type { DefectKind } from './defect.ts';
import { type Share, shareOf } from './interval.ts';

export interface Power {
  readonly name: string;
  readonly plural: string;
  /** Where in the run it could have happened. */
  readonly places: number;
  readonly share: Share;
}

export interface PowerOptions {
  /** Most places tried of each kind, drawn without repetition; all of them when there are no more. */
  readonly samples: number;
  /** Of the draws. */
  readonly seed: bigint;
  /** Whether the checker accuses this history. */
  readonly seen: (mutant: readonly Operation[]) => boolean;
  /** Whether there is no time for another one. */
  readonly exhausted: () => boolean;
}

/**
 * Tries defects of each kind and judges each mutant.
 * @param kinds those of all parts of the run (keys); kinds of one name are counted together.
 */
export function detectionPower(
  kinds: readonly DefectKind[],
  options: PowerOptions,
): readonly Power[] {
  const names = [...new Set(kinds.map(({ name }) => name))];
  return names.map((name) =>
    powerOf(
      kinds.filter((kind) => kind.name === name),
      options,
    ),
  );
}

function powerOf(group: readonly DefectKind[], options: PowerOptions): Power {
  const [{ name, plural }] = group as readonly [DefectKind];
  const places = group.reduce((sum, kind) => sum + kind.places, 0);
  const chosen = draw(places, options, name);
  let tried = 0;
  let seen = 0;
  for (const place of chosen) {
    if (options.exhausted()) break;
    tried++;
    const mutant = mutantAt(group, place);
    if (mutant !== null && options.seen(mutant)) seen++;
  }
  return { name, plural, places, share: shareOf(seen, tried, tried === places && places > 0) };
}

function mutantAt(group: readonly DefectKind[], place: number): readonly Operation[] | null {
  let rest = place;
  for (const kind of group) {
    if (rest < kind.places) return kind.mutant(rest);
    rest -= kind.places;
  }
  throw new RangeError(`place ${String(place)}: expected one below ${String(place - rest)}`);
}

/** Distinct places in random order (the first steps of a Fisher–Yates shuffle). */
function draw(places: number, { samples, seed }: PowerOptions, name: string): number[] {
  const draws = seededRandom(seed).sequence(`detection-power ${name}`);
  const all = Int32Array.from({ length: places }, (_, place) => place);
  const count = Math.min(places, samples);
  for (let at = 0; at < count; at++) {
    const other = at + draws.below(places - at);
    const place = all[other] as number;
    all[other] = all[at] as number;
    all[at] = place;
  }
  return [...all.subarray(0, count)];
}
