/** How much a search may still do. */
import type { CheckBudget } from '../harness/checker.ts';

/** Without a clock a search may take this many steps for each millisecond of its budget. */
const STEPS_PER_MILLISECOND = 2_000;
/** The clock is looked at once in so many steps. */
const STEPS_BETWEEN_LOOKS = 1_024;

/** Counts a search's steps against a share of a checker's budget. */
export class Allowance {
  steps = 0;
  /** Steps it holds; Infinity when only the clock ends it. */
  readonly mostSteps: number;
  private readonly untilMs: number;
  private readonly elapsedMs: (() => number) | undefined;
  private over = false;

  /**
   * @param share part of the whole budget, 0 to 1, that this allowance ends at (by the clock) or holds (in steps).
   * @param mostSteps an own bound in steps. Default: none beside the budget.
   */
  constructor(budget: CheckBudget, share = 1, mostSteps = Infinity) {
    this.elapsedMs = budget.elapsedMs;
    this.untilMs = budget.timeMs * share;
    const byBudget = this.elapsedMs === undefined ? this.untilMs * STEPS_PER_MILLISECOND : Infinity;
    this.mostSteps = Math.min(mostSteps, byBudget);
  }

  /** Takes one step; false when there are no more to take. */
  spend(): boolean {
    this.steps++;
    if (this.steps > this.mostSteps) this.over = true;
    else if (this.steps % STEPS_BETWEEN_LOOKS === 0) this.look();
    return !this.over;
  }

  /** Takes many steps at once, and looks at the clock; false when there are no more to take. */
  take(steps: number): boolean {
    this.steps += steps;
    if (this.steps > this.mostSteps) this.over = true;
    this.look();
    return !this.over;
  }

  /** Whether it is used up, looking at the clock. */
  exhausted(): boolean {
    this.look();
    return this.over;
  }

  private look(): void {
    if (this.elapsedMs !== undefined && this.elapsedMs() > this.untilMs) this.over = true;
  }
}
