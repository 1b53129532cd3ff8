/** A second look at a verdict: an order is replayed, an illegal history is given to another engine. */
import type { Allowance } from '../check-allowance.ts';
import type { RegisterEngines, RegisterJudgement } from './judge-register.ts';
import { CAS, NEVER, REFUSED, WRITE } from './register-problem.ts';
import type { RegisterProblem } from './register-problem.ts';

const STEPS_BETWEEN_LOOKS = 16_384;

/** Null when the order is a witness: each completed operation once, real time respected, every answer right. */
export function replayOrder(
  problem: RegisterProblem,
  order: readonly number[] | Int32Array,
): string | null {
  const { count, kind, value, to, call, end, initial } = problem;
  const done = new Uint8Array(count);
  let state = initial;
  let latestCall = -1;
  for (const operation of order) {
    const name = `operation ${String(problem.source[operation])}`;
    if (operation >= count || done[operation] === 1) return `${name} comes twice`;
    done[operation] = 1;
    if ((end[operation] as number) < latestCall)
      return `${name} had ended before one put before it`;
    latestCall = Math.max(latestCall, call[operation] as number);
    const same = value[operation] === state;
    const what = kind[operation];
    if (what === REFUSED ? same : what !== WRITE && !same) return `${name} does not fit the state`;
    if (what === WRITE || what === CAS) state = to[operation] as number;
  }
  for (let operation = 0; operation < count; operation++) {
    if (done[operation] === 0 && end[operation] !== NEVER) {
      return `operation ${String(problem.source[operation])} is missing`;
    }
  }
  return null;
}

/** What a search that did not decide first says of the problem. */
export function secondOpinion(
  problem: RegisterProblem,
  first: RegisterJudgement,
  allowance: Allowance,
  { frame, eager, demand }: RegisterEngines,
): 'legal' | 'illegal' | 'undecided' {
  const byDemand = first.outcome !== 'undecided' && first.by === 'demand';
  const second = byDemand ? eager : demand;
  frame.prepare(problem);
  second.begin(frame);
  for (;;) {
    const outcome = second.run(STEPS_BETWEEN_LOOKS);
    if (outcome !== 'undecided') return outcome;
    if (second.full || !allowance.take(STEPS_BETWEEN_LOOKS)) return outcome;
  }
}
