/**
 * Decides whether one register's history is linearizable, by whatever is quickest: screens, zones, searches in turns, and
 * where these take long and the history can be cut, window by window.
 */
import type { Allowance } from '../check-allowance.ts';
import { judgeByCuts } from './quiescent-cuts.ts';
import type { RegisterProblem } from './register-problem.ts';
import { judgeUncut, RegisterEngines, searchInTurns } from './search-in-turns.ts';
import type { RegisterJudgement } from './search-in-turns.ts';

export { RegisterEngines } from './search-in-turns.ts';
export type { RegisterJudgement } from './search-in-turns.ts';

let shared: RegisterEngines | null = null;

/** The engines that are used when none are given. Nothing of a judgement may be kept over the next one but plain data. */
export function sharedEngines(): RegisterEngines {
  return (shared ??= new RegisterEngines());
}

/** Windows are judged while a search of the whole is under way. */
let windowEngines: RegisterEngines | null = null;

/** Pure but for the memory it reuses. Undecided only when the allowance, or the memory for a search, ends first. */
export function judgeRegister(
  problem: RegisterProblem,
  allowance: Allowance,
  engines: RegisterEngines = sharedEngines(),
): RegisterJudgement {
  return judgeUncut(problem, allowance, engines, () => {
    const found = judgeByCuts(problem, allowance, (windowEngines ??= new RegisterEngines()));
    if (found.outcome === 'legal') return { outcome: 'legal', by: 'cuts', order: found.order };
    return found.outcome === 'illegal' ? { outcome: 'illegal', by: 'cuts' } : null;
  });
}

/** By the two searches in turns alone. */
export function searchRegister(
  problem: RegisterProblem,
  allowance: Allowance,
  engines: RegisterEngines = sharedEngines(),
): RegisterJudgement {
  return searchInTurns(problem, allowance, engines);
}
