/** What share of single defects a valid run would have shown. */
import { seededRandom } from '../../harness/random.ts';
import type { DefectKind, Mutant } from './defect.ts';
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
  /** Whether the checker accuses this mutant. */
  readonly seen: (mutant: Mutant) => boolean;
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
  const trials = names.map(
    (name) =>
      new Trial(
        kinds.filter((kind) => kind.name === name),
        options,
      ),
  );
  // In turn, so that when time runs out each kind has had its part.
  let going = trials;
  while (going.length > 0 && !options.exhausted()) going = going.filter((trial) => trial.tryOne());
  return trials.map((trial) => trial.power());
}

/** The defects of one name. */
class Trial {
  readonly #group: readonly DefectKind[];
  readonly #options: PowerOptions;
  readonly #name: string;
  readonly #places: number;
  readonly #chosen: readonly number[];
  #tried = 0;
  #seen = 0;

  constructor(group: readonly DefectKind[], options: PowerOptions) {
    this.#group = group;
    this.#options = options;
    this.#name = group[0]?.name ?? '';
    this.#places = group.reduce((sum, kind) => sum + kind.places, 0);
    this.#chosen = draw(this.#places, options, this.#name);
  }

  /** @returns whether there was a place left to try. */
  tryOne(): boolean {
    const place = this.#chosen[this.#tried];
    if (place === undefined) return false;
    this.#tried++;
    const mutant = mutantAt(this.#group, place);
    if (mutant !== null && this.#options.seen(mutant)) this.#seen++;
    return true;
  }

  power(): Power {
    const places = this.#places;
    const isExhaustive = this.#tried === places && places > 0;
    const share = shareOf(this.#seen, this.#tried, isExhaustive);
    return { name: this.#name, plural: this.#group[0]?.plural ?? '', places, share };
  }
}

function mutantAt(group: readonly DefectKind[], place: number): Mutant | null {
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
