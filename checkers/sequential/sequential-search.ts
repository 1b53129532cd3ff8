/**
 * Sequential consistency of any model (Lamport, "How to make a multiprocessor computer that correctly executes
 * multiprocess programs", 1979): one order of all operations that every process's own order is part of, real time aside.
 * It is not local: objects cannot be judged one by one. NP-complete, so a search with a budget: depth first over how far
 * each process has come, with an exact memory of (how far, state). A read that fits is taken at once.
 */
import type { Allowance } from '../check-allowance.ts';
import { IMPOSSIBLE } from '../linearizability/model-problem.ts';
import type { StateMachine } from '../linearizability/model-problem.ts';
import { RowSet } from '../linearizability/model-row-set.ts';

export interface SequentialProblem {
  /** Numbers of operations, a list a process, in its order. */
  readonly processes: readonly (readonly number[])[];
  readonly machine: StateMachine;
  /** 1 where the operation need not happen: it never completed. */
  readonly optional: Uint8Array;
  /** How far each process must have come before an operation can: rows by operation. Null when nothing is known. */
  readonly needs: readonly Int32Array[] | null;
}

export type SequentialResult =
  | { readonly outcome: 'legal'; readonly order: readonly number[] }
  | {
      readonly outcome: 'illegal' | 'exhausted';
      /** Operations in the longest legal order found. */
      readonly reached: number;
    };

export function searchSequential(
  problem: SequentialProblem,
  allowance: Allowance,
): SequentialResult {
  return new SequentialSearch(problem).run(allowance);
}

const NONE = -1;

class SequentialSearch {
  private readonly problem: SequentialProblem;
  private readonly come: Int32Array;
  private readonly seen: RowSet;
  private state: number;
  private left = 0;
  /** The order: processes that came on, the state before, and whether it was no choice. */
  private readonly stack: number[] = [];
  private readonly before: number[] = [];
  private readonly forced: boolean[] = [];
  private reached = 0;

  constructor(problem: SequentialProblem) {
    const { processes, machine, optional } = problem;
    this.problem = problem;
    this.come = new Int32Array(processes.length);
    this.seen = new RowSet(1 + processes.length);
    this.state = machine.initial;
    for (const process of processes) {
      for (const operation of process) if (optional[operation] === 0) this.left++;
    }
  }

  run(allowance: Allowance): SequentialResult {
    let process = this.settle() ? 0 : NONE;
    while (this.left > 0) {
      if (!allowance.spend() || this.seen.full) return this.failure('exhausted');
      if (process === NONE) {
        process = this.retreat();
        if (process === NONE) return this.failure('illegal');
      }
      process = this.tryFrom(process);
    }
    return { outcome: 'legal', order: this.order() };
  }

  /** Takes every read that fits; false when this configuration was seen before. */
  private settle(): boolean {
    const { processes, machine } = this.problem;
    let moved = true;
    while (moved) {
      moved = false;
      for (let process = 0; process < processes.length; process++) {
        for (;;) {
          const operation = this.headOf(process);
          if (operation === NONE || machine.reads[operation] === 0) break;
          if (machine.step(this.state, operation) === IMPOSSIBLE) break;
          this.take(process, operation, this.state, true);
          moved = true;
        }
      }
    }
    if (this.left === 0) return true;
    const { rows, draft } = this.seen;
    rows[draft] = this.state;
    rows.set(this.come, draft + 1);
    return this.seen.add();
  }

  /** Lets the first process from `from` on come on that can; returns where to go on, or NONE. */
  private tryFrom(from: number): number {
    const { processes, machine } = this.problem;
    for (let process = from; process < processes.length; process++) {
      const operation = this.headOf(process);
      if (operation === NONE || machine.reads[operation] === 1) continue;
      const after = machine.step(this.state, operation);
      if (after === IMPOSSIBLE) continue;
      this.take(process, operation, after, false);
      return this.settle() ? 0 : NONE;
    }
    this.reached = Math.max(this.reached, this.stack.length);
    return NONE;
  }

  /** The process's next operation, NONE when there is none or others must come before it. */
  private headOf(process: number): number {
    const operation = this.problem.processes[process]?.[this.come[process] as number];
    if (operation === undefined) return NONE;
    const needs = this.problem.needs?.[operation];
    if (needs === undefined) return operation;
    for (let other = 0; other < needs.length; other++) {
      if (other !== process && (this.come[other] as number) < (needs[other] as number)) return NONE;
    }
    return operation;
  }

  private take(process: number, operation: number, after: number, forced: boolean): void {
    this.stack.push(process);
    this.before.push(this.state);
    this.forced.push(forced);
    this.come[process] = (this.come[process] as number) + 1;
    this.state = after;
    if (this.problem.optional[operation] === 0) this.left--;
  }

  private retreat(): number {
    for (;;) {
      const process = this.stack.pop();
      const state = this.before.pop();
      const forced = this.forced.pop();
      if (process === undefined || state === undefined) return NONE;
      this.state = state;
      const come = (this.come[process] as number) - 1;
      this.come[process] = come;
      const operation = this.problem.processes[process]?.[come] ?? NONE;
      if (this.problem.optional[operation] === 0) this.left++;
      if (forced === false) return process + 1;
    }
  }

  private failure(outcome: 'illegal' | 'exhausted'): SequentialResult {
    return { outcome, reached: this.reached };
  }

  private order(): number[] {
    const come = new Int32Array(this.come.length);
    return this.stack.map((process) => {
      const at = come[process] as number;
      come[process] = at + 1;
      return this.problem.processes[process]?.[at] ?? NONE;
    });
  }
}
