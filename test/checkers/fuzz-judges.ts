/** What `faultline judge` does with a history: fed line by line, every certificate put before the validator. */
import type {
  HistoryModel,
  HistoryVerdict,
  JudgingOptions,
} from '../../checkers/judging/history-judge.ts';
import { validateCertificate } from '../../checkers/validator/validate.ts';
import type { Operation } from '../../harness/operation.ts';
import type { FuzzTally } from './fuzz-tally.ts';

/** Nothing chosen, no engine confirmed by another. */
export const PLAIN: JudgingOptions = {
  initial: undefined,
  nilReads: 'initial',
  failedCas: 'dropped',
  consistency: [],
  realtime: true,
  versionOrders: [],
  verify: false,
};

/** Transactions are also told what they would break elsewhere; of these there is but one standard. */
const ILLEGAL = new Set(['small-illegal-history', 'unproduced-read', 'conflicting-zones']);
const BUDGET = { timeMs: 60_000 };

/** The judge's verdict on these lines. */
export function verdictOn(
  model: HistoryModel,
  lines: readonly Operation[],
  options: JudgingOptions,
): HistoryVerdict {
  const judge = model.create(options);
  for (const line of lines) judge.add(line);
  return judge.finish(BUDGET);
}

/** @param legal what the definition says. */
export function judgeWhole(
  model: HistoryModel,
  lines: readonly Operation[],
  options: JudgingOptions,
  legal: boolean,
  tally: FuzzTally,
  engine = `judge ${model.name}`,
): HistoryVerdict {
  const found = verdictOn(model, lines, options);
  const { valid, reason, summary } = found.verdict;
  tally.judged(engine, legal, valid);
  if (valid === 'unknown' && reason !== 'vacuous') tally.wrong(engine, `unknown: ${summary}`);
  for (const certificate of found.certificates) {
    const problem = validateCertificate(lines, model.name, options, certificate);
    tally.evidence(`${engine}: ${certificate.kind}`, problem);
    if (ILLEGAL.has(certificate.kind) && valid !== 'invalid') {
      tally.wrong(engine, `${valid}, with a ${certificate.kind}`);
    }
  }
  return found;
}
