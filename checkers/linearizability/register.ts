/**
 * The linearizability of one register from its parsed history: `checkRegisterEvents`. For whole recorded runs, with many
 * keys and anomalies in words, see checkers/linearizable-register; for other types, checkLinearizable.
 */
import type { CheckBudget } from '../../harness/checker.ts';
import { Allowance } from '../check-allowance.ts';
import { judgeRegister, sharedEngines } from './judge-register.ts';
import type { RegisterJudgement } from './judge-register.ts';
import { RegisterBuilder } from './register-builder.ts';
import type { RegisterReading } from './register-builder.ts';
import { Outstanding, readRegisterEvents } from './register-events.ts';
import type { RegisterEvent } from './register-events.ts';

export interface RegisterCheckOptions extends RegisterReading {
  /** Default: 60 seconds' worth of steps. */
  readonly budget?: CheckBudget;
}

/** What came of one register. Indexes are of invocations in the history. */
export interface RegisterCheck {
  readonly outcome: 'legal' | 'illegal' | 'undecided';
  /** Operations that told anything. */
  readonly operations: number;
  /** Which engine decided; null when none did. */
  readonly by: 'screens' | 'zones' | 'eager' | 'demand' | 'cuts' | null;
  /** When legal: a witness. */
  readonly order: Int32Array | null;
  readonly judgement: RegisterJudgement;
}

const STANDARD_BUDGET: CheckBudget = { timeMs: 60_000 };
const builder = new RegisterBuilder();
const outstanding = new Outstanding();

/**
 * @param events the history's lines in order. read completes with what it read, write invokes what it wrote, cas invokes
 *   [from, to] or {from, to} and completes `ok` (or {swapped: false} when refused) or `fail`; `info` and lines that never
 *   complete may have happened.
 * @throws TypeError naming the line that is against the conventions.
 */
export function checkRegisterEvents(
  events: readonly RegisterEvent[],
  options: RegisterCheckOptions = {},
): RegisterCheck {
  builder.clear(options);
  readRegisterEvents(events, builder, outstanding);
  const problem = builder.build();
  const allowance = new Allowance(options.budget ?? STANDARD_BUDGET);
  const judgement = judgeRegister(problem, allowance, sharedEngines());
  const { outcome } = judgement;
  const operations = problem.count;
  if (judgement.outcome !== 'legal') {
    const by = judgement.outcome === 'illegal' ? judgement.by : null;
    return { outcome, operations, by, order: null, judgement };
  }
  const { order, by } = judgement;
  const sources = new Int32Array(order.length);
  for (let at = 0; at < order.length; at++) {
    sources[at] = problem.source[order[at] as number] as number;
  }
  return { outcome, operations, by, order: sources, judgement };
}
