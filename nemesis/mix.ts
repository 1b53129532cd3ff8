/**
 * Random mixes: which packages are on in a run at all, which of their kinds, and how often.
 *
 * Faults that are always all on mask each other, and what needs many of one kind and none of another never happens; so
 * each run draws its own mix (FoundationDB's BUGGIFY; Groce et al., "Swarm testing", ISSTA 2012). What is drawn for one
 * package is keyed by its name: a package more changes no other's lot.
 */
import type { DrawnStep, NemesisPackage } from '../harness/nemesis.ts';
import { type Draws, seededRandom } from '../harness/random.ts';
import { ANYWHERE } from './packages.ts';

/** A run's chance for each package to be on is drawn between these. */
const CHANCE = [0.25, 0.5] as const;
/** A package's mean interval is multiplied by one of these. */
const PACES: readonly number[] = [0.5, 1, 1, 2];
/** Drawn again so often until a step is of a kind that is on. */
const MOST_DRAWS = 50;

export interface MixOptions {
  readonly seed: bigint;
  /** More packages than nodes wait for each other's claims most of the time. */
  readonly most: number;
}

/** At least one package, and one that every testbed can do; at most `most`. */
export function drawMix(
  packages: readonly NemesisPackage[],
  { seed, most }: MixOptions,
): readonly NemesisPackage[] {
  const random = seededRandom(seed);
  const chance = random.sequence('mix').between(...CHANCE);
  const lots = packages.map((one) => {
    const draws = random.sequence(`mix/${one.name}`);
    return { one, draws, lot: draws.next() };
  });
  const ordered = [...lots].sort((a, b) => a.lot - b.lot);
  const surest = ordered.find(({ one }) => ANYWHERE.includes(one));
  const on = ordered.filter((each) => each !== surest && each.lot < chance);
  const chosen = surest === undefined ? on : [surest, ...on];
  return chosen.slice(0, Math.max(1, most)).map(({ one, draws }) => mixed(one, draws));
}

/** The package with some of its kinds only, and its own pace. */
function mixed(one: NemesisPackage, draws: Draws): NemesisPackage {
  const pace = draws.pick(PACES);
  const drawn = one.kinds.filter(() => draws.next() < 0.5).map(({ kind }) => kind);
  const kinds = drawn.length > 0 ? drawn : one.kinds.map(({ kind }) => kind);
  const { first, ...rest } = one;
  return {
    ...rest,
    pace,
    ...(first !== undefined && kinds.includes(first.kind) ? { first } : {}),
    draw: (from, nodes) => drawOf(kinds, () => one.draw(from, nodes)),
  };
}

/** A package that (almost) never draws what is on draws what it likes. */
function drawOf(kinds: readonly string[], draw: () => DrawnStep): DrawnStep {
  let step = draw();
  for (let draws = 1; draws < MOST_DRAWS && !kinds.includes(step.kind); draws++) step = draw();
  return step;
}
