/**
 * Decides one register's history as a whole: screens, zones where no value is written twice, and else two searches in
 * turns, each with twice the steps of its turn before. Eager search is quick where an order exists, however many
 * operations are open; search on demand where none exists or many clients work at once.
 */
import type { Allowance } from '../check-allowance.ts';
import { DemandSearch } from './demand-search.ts';
import { EagerSearch } from './eager-search.ts';
import type { SearchOutcome } from './eager-search.ts';
import type { RegisterProblem } from './register-problem.ts';
import { Screens } from './screens.ts';
import type { ScreenFinding } from './screens.ts';
import { SearchFrame } from './search-frame.ts';
import { completeOrder } from './witness.ts';
import { Zones } from './zones.ts';
import type { ZonesResult } from './zones.ts';

/** Operations are those of the problem. */
export type RegisterJudgement =
  | {
      readonly outcome: 'legal';
      readonly by: 'zones' | 'eager' | 'demand' | 'cuts';
      /** A witness. Open operations that are not named never happened. Valid until the next call. */
      readonly order: readonly number[] | Int32Array;
    }
  | {
      readonly outcome: 'illegal';
      readonly by: 'screens' | 'zones' | 'eager' | 'demand' | 'cuts';
      readonly finding?: ScreenFinding;
      readonly zones?: ZonesResult & { readonly outcome: 'illegal' };
      /** Of searches: at whose end the shortest illegal prefix ends. */
      readonly blockedBy?: number;
    }
  | {
      readonly outcome: 'undecided';
      /** The last operation whose end some order of everything before it could reach; null: none. */
      readonly reached: number | null;
    };

const FIRST_EAGER_STEPS = 4_000;
const FIRST_DEMAND_STEPS = 2_000;
/** Rounds before other ways are tried. */
const PATIENT_ROUNDS = 2;
/** The clock is looked at once in so many steps. */
const STEPS_BETWEEN_LOOKS = 16_384;

/** The engines with their memory, which is kept from one problem to the next. */
export class RegisterEngines {
  readonly screens = new Screens();
  readonly zones = new Zones();
  readonly frame = new SearchFrame();
  readonly eager = new EagerSearch();
  readonly demand = new DemandSearch();
}

/** @param meanwhile asked once, when the searches turn out to be long: another way to decide; null when it cannot. */
export function judgeUncut(
  problem: RegisterProblem,
  allowance: Allowance,
  engines: RegisterEngines,
  meanwhile: () => RegisterJudgement | null = () => null,
): RegisterJudgement {
  const finding = engines.screens.run(problem);
  if (finding !== null) return { outcome: 'illegal', by: 'screens', finding };
  const zones = engines.zones.check(problem);
  if (zones.outcome === 'illegal') return { outcome: 'illegal', by: 'zones', zones };
  if (zones.outcome === 'legal') {
    return { outcome: 'legal', by: 'zones', order: zones.order.subarray(0, zones.length) };
  }
  return searchInTurns(problem, allowance, engines, meanwhile);
}

/** By the two searches in turns alone. */
export function searchInTurns(
  problem: RegisterProblem,
  allowance: Allowance,
  { frame, eager, demand }: RegisterEngines,
  meanwhile: () => RegisterJudgement | null = () => null,
): RegisterJudgement {
  frame.prepare(problem);
  eager.begin(frame);
  let round = 0;
  let eagerSteps = FIRST_EAGER_STEPS;
  let demandSteps = FIRST_DEMAND_STEPS;
  for (;;) {
    const one = runFor(eager, eagerSteps, allowance);
    if (one === 'legal') return { outcome: 'legal', by: 'eager', order: eager.order() };
    if (one === 'illegal') return { outcome: 'illegal', by: 'eager', blockedBy: eager.blockedBy };
    if (round === 0) demand.begin(frame);
    const other = runFor(demand, demandSteps, allowance);
    if (other === 'legal') {
      return { outcome: 'legal', by: 'demand', order: completeOrder(frame, demand.changes()) };
    }
    if (other === 'illegal') {
      return { outcome: 'illegal', by: 'demand', blockedBy: demand.blockedBy };
    }
    if (allowance.exhausted() || (eager.full && demand.full)) break;
    const decided = round++ === PATIENT_ROUNDS ? meanwhile() : null;
    if (decided !== null) return decided;
    eagerSteps *= 2;
    demandSteps *= 2;
  }
  const furthest = Math.max(eager.furthest, demand.furthest);
  return {
    outcome: 'undecided',
    reached: furthest < 0 ? null : ~(frame.events[furthest] as number),
  };
}

function runFor(
  engine: { run(steps: number): SearchOutcome; readonly full: boolean },
  steps: number,
  allowance: Allowance,
): SearchOutcome {
  for (let left = steps; left > 0 && !engine.full; left -= STEPS_BETWEEN_LOOKS) {
    const slice = Math.min(left, STEPS_BETWEEN_LOOKS);
    const outcome = engine.run(slice);
    if (outcome !== 'undecided') return outcome;
    if (!allowance.take(slice)) return outcome;
  }
  return 'undecided';
}
