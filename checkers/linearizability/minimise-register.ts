/**
 * Makes an illegal register history small, by steps that cannot make a legal history illegal: cut it to the shortest
 * illegal prefix; drop a read or a refused compare; let a write or cas happen at any time, or never.
 */
import type { CheckBudget } from '../../harness/checker.ts';
import { Allowance } from '../check-allowance.ts';
import { RegisterEngines, searchRegister } from './judge-register.ts';
import { NEVER, problemOf } from './register-problem.ts';
import type { RegisterProblem, RegisterStep } from './register-problem.ts';
import { observesOnly } from './search-frame.ts';

/** Operations are those of the problem. */
export interface MinimalRegister {
  /** At whose end the shortest illegal prefix ends. */
  readonly blocked: number;
  /** The operations that cannot be left out, with their times as recorded; in order of call. `blocked` is one. */
  readonly needed: readonly number[];
  /** Writes and cas of the prefix that were let happen at any time or never, and yet do not help. */
  readonly freed: readonly number[];
  /** Values that the register may hold when `blocked` must have happened; null for one that nothing observes. */
  readonly states: readonly (number | null)[];
}

/** Of all tries to make the evidence smaller together, and of one. */
const SHARE_OF_BUDGET = 0.9;
const STEPS_OF_A_TRY = 20_000;
const STEPS_OF_ALL = 1_000_000;

/** Tries run while a judgement of the shared engines may still be in use. */
let engines: RegisterEngines | null = null;

/**
 * @param blocked the operation at whose end the shortest illegal prefix ends.
 * @param among the only operations that matter, where that is known. Default: all.
 */
export function minimiseRegister(
  problem: RegisterProblem,
  blocked: number,
  budget: CheckBudget,
  among?: readonly number[],
): MinimalRegister {
  const reduction = new Reduction(problem, blocked, budget, among);
  const reads = (operation: number): boolean => observesOnly(problem.kind[operation]);
  const changes = (operation: number): boolean => !reads(operation);
  reduction.tryEach(reads);
  reduction.tryEach(changes);
  reduction.tryEach(reads);
  const needed = reduction.prefix.filter((operation) => reduction.needed.has(operation));
  const freed = reduction.prefix.filter(
    (operation) => !reduction.needed.has(operation) && changes(operation),
  );
  return { blocked, needed, freed, states: reduction.states() };
}

class Reduction {
  readonly prefix: readonly number[];
  readonly needed: Set<number>;
  readonly #problem: RegisterProblem;
  readonly #blocked: number;
  readonly #lastEnd: number;
  readonly #budget: CheckBudget;
  #stepsLeft = STEPS_OF_ALL;

  constructor(
    problem: RegisterProblem,
    blocked: number,
    budget: CheckBudget,
    among: readonly number[] | undefined,
  ) {
    this.#problem = problem;
    this.#blocked = blocked;
    this.#budget = budget;
    this.#lastEnd = problem.end[blocked] as number;
    const all = among ?? Array.from({ length: problem.count }, (_, operation) => operation);
    this.prefix = all.filter((operation) => (problem.call[operation] as number) < this.#lastEnd);
    // What ends after the prefix is open in it, and an open read tells nothing.
    this.needed = new Set(
      this.prefix.filter((one) => this.#endsInPrefix(one) || !observesOnly(problem.kind[one])),
    );
  }

  /** Tries to do without each operation of a kind: halves first, then smaller and smaller parts. */
  tryEach(fits: (operation: number) => boolean): void {
    let candidates = this.prefix.filter(
      (operation) => this.needed.has(operation) && operation !== this.#blocked && fits(operation),
    );
    for (let size = candidates.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      const kept: number[] = [];
      for (let from = 0; from < candidates.length; from += size) {
        const part = candidates.slice(from, from + size);
        if (!this.#tryWithout(part)) kept.push(...part);
      }
      candidates = kept;
    }
  }

  /** What the register may hold at the end of `blocked`; empty when it could not be told. */
  states(): (number | null)[] {
    const { frame, eager } = (engines ??= new RegisterEngines());
    frame.prepare(problemOf(this.#relaxed(), this.#problem.initial));
    eager.begin(frame);
    if (eager.run(STEPS_OF_A_TRY) !== 'illegal') return [];
    return eager.states.map((state) => frame.originalOf(state));
  }

  #tryWithout(part: readonly number[]): boolean {
    if (this.#stepsLeft <= 0) return false;
    const allowance = new Allowance(this.#budget, SHARE_OF_BUDGET, STEPS_OF_A_TRY);
    if (allowance.exhausted()) return false;
    for (const operation of part) this.needed.delete(operation);
    const relaxed = problemOf(this.#relaxed(), this.#problem.initial);
    const found = searchRegister(relaxed, allowance, (engines ??= new RegisterEngines()));
    // Building a try costs too, however soon it is decided.
    this.#stepsLeft -= allowance.steps + this.prefix.length;
    if (found.outcome === 'illegal') return true;
    for (const operation of part) this.needed.add(operation);
    return false;
  }

  #relaxed(): RegisterStep[] {
    const { kind, value, to, call, end } = this.#problem;
    const steps: RegisterStep[] = [];
    for (const operation of this.prefix) {
      const what = kind[operation] as number;
      const isNeeded = this.needed.has(operation);
      if (!isNeeded && observesOnly(what)) continue;
      steps.push({
        kind: what,
        value: value[operation] as number,
        to: to[operation] as number,
        call: isNeeded ? (call[operation] as number) : -1,
        end: isNeeded && this.#endsInPrefix(operation) ? (end[operation] as number) : NEVER,
      });
    }
    return steps;
  }

  #endsInPrefix(operation: number): boolean {
    return (this.#problem.end[operation] as number) <= this.#lastEnd;
  }
}
