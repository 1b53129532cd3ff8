/**
 * Detection power: what a `valid` is worth. Single defects are made in what was recorded, each mutant is judged again
 * by the checker that found the run valid, and the share that it accuses is told with its interval.
 *
 * Nothing is said of defects of other kinds, or of several at once.
 */
import type { Check, RecordedRun, Verdict } from '../harness/checker.ts';
import type { Value } from '../harness/operation.ts';
import { numberOption } from './check-options.ts';
import type { CheckOptions } from './check-options.ts';
import type { Mutant } from './detection-power/defect.ts';
import { detectionPower, type Power } from './detection-power/power.ts';
import { JUDGED, type Judged } from './detection-power/judged.ts';
import { isRecord, textOf } from './value-text.ts';
import { vacuousVerdict } from './verdict-of.ts';

/** Part of the budget for trying defects; each takes one judgement of a part of the run. */
const SHARE_OF_BUDGET = 0.15;
const STANDARD_SAMPLES = 300;

/**
 * Options:
 * - `of`: the checker whose verdict is weighed: `linearizable-register`, `set`, `list-append`, `one-master`, `agreement`;
 * - `options`: that checker's own; default none;
 * - `samples`: most places tried of each kind of defect; default 300;
 * - `seed`: of the draws; default 1;
 * - `minimum`: a smaller share of any kind makes the run `unknown: vacuous`; default 0.
 */
export const checkDetectionPower: Check = (run, options, budget): Verdict => {
  const judged = judgedOption(options);
  const own = ownOptions(options);
  const valid = judged.check(run, own, budget).valid === 'valid';
  if (!valid) {
    return { valid: 'valid', summary: 'not computed: it is said of valid runs only', figures: {} };
  }
  const powers = detectionPower(judged.defects(run, own, budget), {
    samples: numberOption(options, 'samples', STANDARD_SAMPLES),
    seed: BigInt(numberOption(options, 'seed', 1)),
    seen: (mutant) => judged.accuses(runOf(run, mutant), own, budget),
    exhausted: () => (budget.elapsedMs?.() ?? 0) > budget.timeMs * SHARE_OF_BUDGET,
  });
  return verdict(powers, numberOption(options, 'minimum', 0));
};

function verdict(powers: readonly Power[], minimum: number): Verdict {
  const figures = Object.fromEntries(powers.map((power) => [power.name, figuresOf(power)]));
  const told = powers.filter(({ share }) => share.of > 0).map(textOfPower);
  if (told.length === 0) {
    const summary = 'there is no place where a defect could have shown';
    return minimum > 0 ? vacuousVerdict(summary, figures) : { valid: 'valid', summary, figures };
  }
  const summary = told.join('; ');
  const weak = powers.filter(({ share }) => share.of === 0 || share.seen / share.of < minimum);
  if (minimum === 0 || weak.length === 0) return { valid: 'valid', summary, figures };
  const asked = `asked for at least ${percent(minimum)} of ${weak.map(({ plural }) => plural).join(', ')}`;
  return vacuousVerdict(`${summary}; ${asked}`, figures);
}

function textOfPower({ plural, share }: Power): string {
  const sure =
    share.low === share.high ? 'all tried' : `${percent(share.low)}–${percent(share.high)}`;
  return `${percent(share.seen / share.of)} of ${plural} would have been seen (${sure}, ${String(share.of)} tried)`;
}

function figuresOf({ places, share }: Power): Value {
  const found = share.of === 0 ? null : share.seen / share.of;
  return {
    places,
    tried: share.of,
    seen: share.seen,
    share: found,
    low: share.low,
    high: share.high,
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0.99 && share < 1 ? 1 : 0)} %`;
}

/** Of a defect in the history only what the checker looks at: a part of the history. */
function runOf(run: RecordedRun, mutant: Mutant): RecordedRun {
  if ('events' in mutant) return { ...run, events: mutant.events };
  return { ...run, history: mutant.history, events: [], faults: [] };
}

function judgedOption(options: CheckOptions): Judged {
  const name = options['of'];
  const judged = typeof name === 'string' ? JUDGED[name] : undefined;
  if (judged !== undefined) return judged;
  throw new TypeError(
    `option of: expected one of ${Object.keys(JUDGED).join(', ')}, got ${textOf(name ?? null)}`,
  );
}

function ownOptions(options: CheckOptions): CheckOptions {
  const own = options['options'] ?? {};
  if (isRecord(own)) return own;
  throw new TypeError(`option options: expected the checker's options, got ${textOf(own)}`);
}
