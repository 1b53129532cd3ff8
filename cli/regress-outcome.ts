/** What attempts at a row came to, and the exit code of them all. */
import { type Attempt, tallyOf } from '../regressions/attempts.ts';
import {
  type AttemptTally,
  type ClaimVerdict,
  isModel,
  judgeClaim,
  type ResolvedRow,
} from '../regressions/regression.ts';
import { EXIT } from './exit-code.ts';

/** One row's attempts and what they say of its claim. Plain, for `--json`. */
export interface RowOutcome {
  readonly regression: string;
  readonly issue: string;
  /** Which of the project's founding documents it is from; null: none. */
  readonly seed: string | null;
  readonly system: string;
  readonly row: string;
  readonly version: string;
  /** Kinds of faults, in order. */
  readonly schedule: string;
  readonly anomalies: readonly string[];
  readonly rate: number;
  readonly tally: AttemptTally;
  readonly claim: ClaimVerdict;
  /** `contradicted` fails the run; `undecided`: too few attempts could be judged. */
  readonly state: 'as-claimed' | 'contradicted' | 'undecided';
  readonly attempts: readonly Attempt[];
  /** Of a mean attempt. */
  readonly seconds: number;
}

/** @param complete all attempts that were fixed beforehand were made */
export function outcomeOf(
  row: ResolvedRow,
  attempts: readonly Attempt[],
  complete: boolean,
): RowOutcome {
  const { regression, plan, name, version } = row;
  const tally = tallyOf(row, attempts);
  const claim = judgeClaim(tally, plan.rate);
  const seconds = attempts.reduce((sum, attempt) => sum + attempt.seconds, 0);
  return {
    regression: regression.name,
    issue: regression.issue,
    seed: regression.seed ?? null,
    system: regression.system.name,
    row: name,
    version,
    schedule: scheduleOf(row),
    anomalies: plan.anomalies,
    rate: plan.rate,
    tally,
    claim,
    state: stateOf(tally, claim, complete),
    attempts,
    seconds: attempts.length === 0 ? 0 : seconds / attempts.length,
  };
}

/** An accusation of what is clean stands however many attempts were made; what is missing is told only of all of them. */
function stateOf(tally: AttemptTally, claim: ClaimVerdict, complete: boolean): RowOutcome['state'] {
  const { expected, hits, accused, attempts, unknown } = tally;
  if ((expected === 'clean' && hits > 0) || accused > 0) return 'contradicted';
  if (!complete || attempts === unknown) return 'undecided';
  return claim.holds ? 'as-claimed' : 'contradicted';
}

/** `partition-one, 2 kill, jvm-hold`. */
function scheduleOf({ plan }: ResolvedRow): string {
  if (isModel(plan)) return `drawn, ${plan.model.runs} runs`;
  const kinds = plan.schedule(0n).map(({ kind }) => kind);
  if (kinds.length === 0) return 'no fault';
  return [...new Set(kinds)]
    .map((kind) => {
      const count = kinds.filter((one) => one === kind).length;
      return count === 1 ? kind : `${count} ${kind}`;
    })
    .join(', ');
}

/** 1 when a claim is contradicted, 2 when something could not be decided, else 0. */
export function exitCodeOfRows(outcomes: readonly RowOutcome[]): number {
  const states = outcomes.map(({ state }) => state);
  if (states.includes('contradicted')) return EXIT.invalid;
  return states.includes('undecided') ? EXIT.unknown : EXIT.valid;
}
