/**
 * Makes an illegal register history small, by steps that cannot make a legal history illegal: cut it to the shortest
 * illegal prefix; drop a read or a refused compare; let a write or cas happen at any time, or never.
 */
import type { CheckBudget } from '../harness/checker.ts';
import { Allowance } from './check-allowance.ts';
import { searchLinearization } from './linearization-search.ts';
import type { SearchOperation, SearchResult } from './linearization-search.ts';
import type { RegisterHistory, RegisterOperation } from './register-history.ts';

export interface MinimalRegister {
  /** At whose end the shortest illegal prefix ends. */
  readonly blocked: RegisterOperation;
  /** The operations that cannot be left out, with their times as recorded; in order of call. `blocked` is one. */
  readonly needed: readonly RegisterOperation[];
  /** Writes and cas of the prefix that were let happen at any time or never, and yet do not help. */
  readonly freed: readonly RegisterOperation[];
  /** What the register may hold when `blocked` must have taken effect at the latest. */
  readonly states: readonly number[];
}

type Illegal = SearchResult & { readonly outcome: 'illegal' };

/** Of all tries to make the evidence smaller together, and of one. */
const SHARE_OF_BUDGET = 0.9;
const STEPS_OF_A_TRY = 20_000;
const STEPS_OF_ALL = 1_000_000;

/** @param found what the search said of the whole history. */
export function minimiseRegister(
  register: RegisterHistory,
  found: Illegal,
  budget: CheckBudget,
): MinimalRegister {
  const blocked = register.operations[found.blockedBy] as RegisterOperation;
  const prefix = register.operations.filter(({ call }) => call < blocked.end);
  const reduction = new Reduction(prefix, blocked, register.initial, budget);
  reduction.tryEach((candidate) => candidate.kind === 'read' || candidate.kind === 'refused');
  reduction.tryEach((candidate) => candidate.kind === 'write' || candidate.kind === 'cas');
  reduction.tryEach((candidate) => candidate.kind === 'read' || candidate.kind === 'refused');
  const needed = prefix.filter((operation) => reduction.needed.has(operation));
  const freed = prefix.filter(
    (operation) => !reduction.needed.has(operation) && !observesOnly(operation),
  );
  return { blocked, needed, freed, states: reduction.states ?? found.states };
}

class Reduction {
  readonly needed: Set<RegisterOperation>;
  states: readonly number[] | null = null;
  private readonly prefix: readonly RegisterOperation[];
  private readonly blocked: RegisterOperation;
  private readonly initial: number;
  private readonly budget: CheckBudget;
  private stepsLeft = STEPS_OF_ALL;

  constructor(
    prefix: readonly RegisterOperation[],
    blocked: RegisterOperation,
    initial: number,
    budget: CheckBudget,
  ) {
    this.prefix = prefix;
    this.blocked = blocked;
    this.initial = initial;
    this.budget = budget;
    // What ends after the prefix is open in it, and an open read tells nothing.
    this.needed = new Set(
      prefix.filter((operation) => operation.end <= blocked.end || !observesOnly(operation)),
    );
  }

  /** Tries to do without each operation of a kind: halves first, then smaller and smaller parts. */
  tryEach(fits: (operation: RegisterOperation) => boolean): void {
    let candidates = this.prefix.filter(
      (operation) => this.needed.has(operation) && operation !== this.blocked && fits(operation),
    );
    for (let size = candidates.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      const kept: RegisterOperation[] = [];
      for (let from = 0; from < candidates.length; from += size) {
        const part = candidates.slice(from, from + size);
        if (!this.tryWithout(part)) kept.push(...part);
      }
      candidates = kept;
    }
  }

  private tryWithout(part: readonly RegisterOperation[]): boolean {
    if (this.stepsLeft <= 0) return false;
    const allowance = new Allowance(this.budget, SHARE_OF_BUDGET, STEPS_OF_A_TRY);
    if (allowance.exhausted()) return false;
    for (const operation of part) this.needed.delete(operation);
    const result = searchLinearization(this.relaxed(), this.initial, allowance);
    // Building a try costs too, however soon it is decided.
    this.stepsLeft -= allowance.steps + this.prefix.length;
    if (result.outcome === 'illegal') {
      this.states = result.states;
      return true;
    }
    for (const operation of part) this.needed.add(operation);
    return false;
  }

  private relaxed(): SearchOperation[] {
    return this.prefix.flatMap((operation): SearchOperation[] => {
      if (this.needed.has(operation)) {
        return [operation.end <= this.blocked.end ? operation : { ...operation, end: Infinity }];
      }
      if (observesOnly(operation)) return [];
      const { kind, value, to } = operation;
      return [{ kind, value, to, call: -1, end: Infinity }];
    });
  }
}

function observesOnly({ kind }: SearchOperation): boolean {
  return kind === 'read' || kind === 'refused';
}
