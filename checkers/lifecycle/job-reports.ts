/** Answers that tell the states of jobs. See life-cycle.ts for the conventions. */
import type { Operation, Value } from '../../harness/operation.ts';
import { pairOperations } from '../operation-pairs.ts';
import type { OperationPair } from '../operation-pairs.ts';
import { malformed } from '../register-history.ts';
import { isList, isRecord } from '../value-text.ts';

export interface JobReport {
  readonly pair: OperationPair;
  readonly id: string;
  /** Null: whoever answered does not know the job. */
  readonly state: string | null;
  /** Null when the answer does not tell. */
  readonly leadership: string | null;
  /** Indexes of call and answer: it was so at some moment between. */
  readonly from: number;
  readonly to: number;
}

/**
 * In order of invocation.
 * @throws TypeError for answers that are not of the conventions, naming the history line.
 */
export function jobReports(
  history: readonly Operation[],
  reports: ReadonlySet<string>,
): JobReport[] {
  return pairOperations(history).flatMap((pair) => {
    const { invoke, completion } = pair;
    if (!reports.has(invoke.f) || completion?.type !== 'ok' || completion.value === null) return [];
    const told = isList(completion.value) ? completion.value : [completion.value];
    return told.map((report) => reportOf(pair, completion, report));
  });
}

function reportOf(pair: OperationPair, completion: Operation, report: Value): JobReport {
  const { id = null, state = null, leader = null } = isRecord(report) ? report : {};
  const isName = typeof id === 'string' || typeof id === 'number';
  if (!isName || (state !== null && typeof state !== 'string')) {
    throw malformed(completion, '{id, state} or a list of such, state being a name or null');
  }
  return {
    pair,
    id: String(id),
    state,
    leadership: typeof leader === 'string' ? leader : null,
    from: pair.invoke.index,
    to: completion.index,
  };
}
