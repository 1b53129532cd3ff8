/** One register of a history: judged, explained and, where it costs little, judged again. */
import type { CheckBudget } from '../../harness/checker.ts';
import type { Value } from '../../harness/operation.ts';
import type { Certificate } from '../certificate.ts';
import { Allowance } from '../check-allowance.ts';
import { explainIllegal } from './explain-illegal.ts';
import type { IllegalJudgement } from './explain-illegal.ts';
import { judgeRegister, sharedEngines } from './judge-register.ts';
import type { RegisterJudgement } from './judge-register.ts';
import { illegalCertificate, orderCertificate } from './register-certificates.ts';
import { NEVER, WRITE } from './register-problem.ts';
import type { RegisterProblem } from './register-problem.ts';
import { RegisterWords } from './register-words.ts';
import { replayOrder, secondOpinion } from './verify-register.ts';

/** What came of one register; numbers of operations are lines of the history. */
export interface PartitionVerdict {
  readonly key: Value;
  readonly outcome: RegisterJudgement['outcome'];
  /** Which engine decided. */
  readonly by: string;
  readonly operations: number;
  /** Of these, how many tell what the register held. */
  readonly observations: number;
  readonly steps: number;
  readonly certificate: Certificate | null;
  /** Replayed, or confirmed by a second engine. */
  readonly verified: boolean;
  /** A bug of ours: engines say different things. Null: none. */
  readonly contradiction: string | null;
  /** When illegal: why, in words; the lines that show it; the line of the completion that no order can reach. */
  readonly explanation: string;
  readonly shown: readonly number[];
  readonly legalPrefix: number | null;
  /** When undecided: the line of the last completion that some order reached. */
  readonly reached: number | null;
}

/** Part of the budget for deciding; the rest is for evidence. */
const SEARCH_SHARE = 0.7;
/** A second engine that needs more steps is no longer cheap. */
const CHEAP_STEPS = 200_000;

/** @param values what the problem's numbers stand for. */
export function judgePartition(
  key: Value,
  problem: RegisterProblem,
  values: readonly Value[],
  budget: CheckBudget,
  verify: boolean | 'cheap',
): PartitionVerdict {
  const allowance = new Allowance(budget, SEARCH_SHARE);
  const found = judgeRegister(problem, allowance);
  const base = {
    key,
    outcome: found.outcome,
    by: found.outcome === 'undecided' ? 'nothing' : found.by,
    operations: problem.count,
    observations: observationsOf(problem),
    steps: allowance.steps,
    certificate: null,
    verified: false,
    contradiction: null,
    explanation: '',
    shown: [],
    legalPrefix: null,
    reached: null,
  };
  if (found.outcome === 'undecided') {
    const { reached } = found;
    const line = reached === null ? null : (problem.completion[reached] as number);
    return { ...base, reached: line };
  }
  if (found.outcome === 'legal') {
    const wrong = verify === false ? null : replayOrder(problem, found.order);
    const certificate = orderCertificate(problem, found.order, key);
    return { ...base, certificate, verified: verify !== false, contradiction: wrong };
  }
  return { ...base, ...explained(key, problem, values, found, budget, verify) };
}

function explained(
  key: Value,
  problem: RegisterProblem,
  values: readonly Value[],
  found: IllegalJudgement,
  budget: CheckBudget,
  verify: boolean | 'cheap',
): Partial<PartitionVerdict> {
  const explanation = explainIllegal(problem, found, budget);
  const { blocked, needed, exact } = explanation;
  let second: string = 'undecided';
  if (verify !== false) {
    const steps = verify === 'cheap' ? CHEAP_STEPS : Infinity;
    second = secondOpinion(problem, found, new Allowance(budget, 1, steps), sharedEngines());
  }
  const lines = new Set<number>();
  for (const operation of needed) {
    lines.add(problem.source[operation] as number);
    if (problem.end[operation] !== NEVER) lines.add(problem.completion[operation] as number);
  }
  return {
    certificate: illegalCertificate(problem, found, explanation, key),
    verified: second === 'illegal',
    contradiction: second === 'legal' ? 'one finds an order, another none' : null,
    explanation: new RegisterWords(problem, values).explanation(found, explanation),
    shown: [...lines].sort((a, b) => a - b),
    legalPrefix: exact ? (problem.completion[blocked] as number) : null,
  };
}

function observationsOf({ count, kind, end }: RegisterProblem): number {
  let observations = 0;
  for (let operation = 0; operation < count; operation++) {
    if (kind[operation] !== WRITE && end[operation] !== NEVER) observations++;
  }
  return observations;
}
