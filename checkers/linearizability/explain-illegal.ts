/** Why a register's history is illegal: the shortest illegal prefix, and in it the few operations that show it. */
import type { CheckBudget } from '../../harness/checker.ts';
import { Allowance } from '../check-allowance.ts';
import { findBlocking, prefixOf } from './illegal-prefix.ts';
import { judgeRegister, RegisterEngines } from './judge-register.ts';
import type { RegisterJudgement } from './judge-register.ts';
import { minimiseRegister } from './minimise-register.ts';
import type { MinimalRegister } from './minimise-register.ts';
import { CAS, NEVER, WRITE } from './register-problem.ts';
import type { RegisterProblem } from './register-problem.ts';
import type { ScreenFinding } from './screens.ts';
import { secondOpinion } from './verify-register.ts';

export type IllegalJudgement = RegisterJudgement & { readonly outcome: 'illegal' };

/** Operations are those of the problem. */
export interface IllegalExplanation extends MinimalRegister {
  /** Nothing shorter is illegal: `blocked` is where the longest legal prefix ends. */
  readonly exact: boolean;
  /** The operations are too many to try all their orders, and a second engine came to the same. */
  readonly confirmed: boolean;
}

/** Of the budget, for finding the prefix and for a second engine's word. */
const SHARE_OF_BUDGET = 0.85;
/** So many operations or fewer are a proof by themselves: all their orders can be tried. */
export const MOST_IN_PROOF = 24;
const STEPS_OF_CONFIRMATION = 2_000_000;

let engines: RegisterEngines | null = null;

/** @param judgement what was found of the problem. */
export function explainIllegal(
  problem: RegisterProblem,
  judgement: IllegalJudgement,
  budget: CheckBudget,
): IllegalExplanation {
  const allowance = new Allowance(budget, SHARE_OF_BUDGET);
  const own = (engines ??= new RegisterEngines());
  const suspects = suspectsOf(problem, judgement);
  const exact = judgement.blockedBy ?? findBlocking(problem, allowance, lastEnd(problem, suspects));
  if (exact === null) {
    const blocked = ~(problem.events[lastEnd(problem, suspects)] as number);
    const minimal = minimiseRegister(problem, blocked, budget, suspects);
    return { ...minimal, exact: false, confirmed: false };
  }
  // What was found may lie behind the shortest illegal prefix: it has a reason of its own.
  const prefix = prefixOf(problem, problem.end[exact] as number);
  const again = judgement.blockedBy === undefined ? judgeRegister(prefix, allowance, own) : null;
  const names = namesIn(problem, prefix);
  const among =
    again?.outcome === 'illegal'
      ? suspectsOf(prefix, again)?.map((operation) => names[operation] as number)
      : undefined;
  const minimal = minimiseRegister(problem, exact, budget, among);
  const size = minimal.needed.length + minimal.freed.length;
  const steps = new Allowance(budget, SHARE_OF_BUDGET, STEPS_OF_CONFIRMATION);
  const confirmed =
    size > MOST_IN_PROOF && secondOpinion(prefix, judgement, steps, own) === 'illegal';
  return { ...minimal, exact: true, confirmed };
}

/** Operations that are illegal by themselves, everything else being of values that they do not observe. */
function suspectsOf(
  problem: RegisterProblem,
  { finding, zones }: IllegalJudgement,
): readonly number[] | undefined {
  if (zones !== undefined) return zones.suspects;
  if (finding === undefined) return undefined;
  return overtakenBy(problem, finding);
}

/**
 * The read, the write that overtook it, and all that may have written what was read; of cas among them, also what may
 * have written what they compared with, and so on.
 */
function overtakenBy(problem: RegisterProblem, finding: ScreenFinding): number[] {
  const { count, kind, to, call, end, value } = problem;
  const { read } = finding;
  const found = new Set([read]);
  if (finding.found === 'overtaken') found.add(finding.write);
  const producers = new Map<number, number[]>();
  for (let operation = 0; operation < count; operation++) {
    if (kind[operation] !== WRITE && kind[operation] !== CAS) continue;
    if ((call[operation] as number) >= (end[read] as number)) break;
    const list = producers.get(to[operation] as number);
    if (list === undefined) producers.set(to[operation] as number, [operation]);
    else list.push(operation);
  }
  const wanted = new Set<number>();
  const left = [...found];
  for (let operation = left.pop(); operation !== undefined; operation = left.pop()) {
    const needs = value[operation] as number;
    if (kind[operation] === WRITE || wanted.has(needs)) continue;
    wanted.add(needs);
    for (const producer of producers.get(needs) ?? []) {
      if (!found.has(producer)) left.push(producer);
      found.add(producer);
    }
  }
  return [...found].sort((a, b) => a - b);
}

/** Position of the last end among these operations, or of all. */
function lastEnd(problem: RegisterProblem, among: readonly number[] | undefined): number {
  const { events, eventCount, end } = problem;
  let last = -1;
  for (const operation of among ?? []) {
    const ends = end[operation] as number;
    if (ends !== NEVER && ends > last) last = ends;
  }
  if (last >= 0) return last;
  for (last = eventCount - 1; last >= 0 && (events[last] as number) >= 0; last--);
  return last;
}

/** Operations of a prefix as operations of the whole: both are in order of call. */
function namesIn(problem: RegisterProblem, prefix: RegisterProblem): number[] {
  const names: number[] = [];
  for (let operation = 0, at = 0; operation < prefix.count; operation++, at++) {
    while (problem.source[at] !== prefix.source[operation]) at++;
    names.push(at);
  }
  return names;
}
