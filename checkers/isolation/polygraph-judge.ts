/** Judges histories of registers by polygraph: for sessions without real time, and wherever no version order is known. */
import type { Anomaly, CheckBudget, Verdict } from '../../harness/checker.ts';
import type { Certificate } from '../certificate.ts';
import type { HistoryVerdict, JudgingOptions } from '../judging/history-judge.ts';
import type { TransactionColumns } from '../transactions/columns.ts';
import { decideByPolygraph } from './decide-polygraph.ts';
import type { PolygraphDecision, PolygraphOptions } from './decide-polygraph.ts';
import type { PolygraphModel, RespectedOrder } from './polygraph.ts';

/** Consistency models that polygraphs decide, from the weakest demand on order to the strongest. */
const MODELS: Readonly<Record<string, readonly [PolygraphModel, RespectedOrder]>> = {
  'snapshot-isolation': ['snapshot-isolation', 'nothing'],
  'strong-session-snapshot-isolation': ['snapshot-isolation', 'process'],
  'strong-snapshot-isolation': ['snapshot-isolation', 'realtime'],
  serializable: ['serializable', 'nothing'],
  'strong-session-serializable': ['serializable', 'process'],
  'strict-serializable': ['serializable', 'realtime'],
  'strong-serializable': ['serializable', 'realtime'],
};

/** Whether all of these consistency models can be decided by polygraph. */
export function decidesByPolygraph(consistency: readonly string[]): boolean {
  return consistency.every((name) => name in MODELS);
}

/**
 * The verdict on each consistency model that the options name, the worst of them first. Default: serializable without
 * real time, strict-serializable with it. Real time that the history does not tell is not demanded: then each process's
 * own order is.
 * @throws TypeError for models that decidesByPolygraph does not know.
 */
export function judgeByPolygraph(
  columns: TransactionColumns,
  { consistency, realtime, initial }: JudgingOptions,
  budget: CheckBudget,
): HistoryVerdict {
  const usual = realtime ? 'strict-serializable' : 'serializable';
  const names = consistency.length === 0 ? [usual] : consistency;
  const judged = names.map((name) => {
    const options = optionsFor(name, realtime);
    const decision = decideByPolygraph(
      columns,
      initial === undefined ? options : { ...options, initial: [null, initial] },
      budget,
    );
    return { name, decision };
  });
  const violated = judged.filter(({ decision }) => decision.outcome === 'invalid');
  const undecided = judged.find(
    ({ decision }) => decision.outcome === 'exhausted' || decision.outcome === 'unjudgeable',
  );
  const certificates = judged.flatMap(({ decision }) => decision.certificate ?? []);
  const figures = figuresOf(judged.map(({ decision }) => decision));
  if (violated.length > 0) {
    const anomalyTypes = violated.map(({ name, decision }) => anomalyNameOf(name, decision));
    return {
      verdict: {
        valid: 'invalid',
        summary: `not ${violated.map(({ name }) => name).join(', not ')}`,
        anomalies: violated.map(({ name, decision }) => anomalyOf(name, decision)),
        figures,
      },
      anomalyTypes: [...new Set(anomalyTypes)].sort(),
      not: violated.map(({ name }) => name),
      certificates,
    };
  }
  const verdict =
    undecided === undefined
      ? ({ valid: 'valid', summary: `${names.join(', ')}: an order was found`, figures } as const)
      : unknownVerdict(undecided.name, undecided.decision, budget, figures);
  return { verdict, anomalyTypes: [], not: [], certificates };
}

function optionsFor(name: string, realtime: boolean): PolygraphOptions {
  const found = MODELS[name];
  if (found === undefined) {
    const known = Object.keys(MODELS).join(', ');
    throw new TypeError(`consistency model ${name}: expected one of ${known}`);
  }
  const [model, respects] = found;
  return { model, respects: respects === 'realtime' && !realtime ? 'process' : respects };
}

function figuresOf(decisions: readonly PolygraphDecision[]): NonNullable<Verdict['figures']> {
  return {
    transactions: decisions[0]?.transactions ?? 0,
    decisions: decisions.reduce((sum, { decisions: tried }) => sum + tried, 0),
    conflicts: decisions.reduce((sum, { conflicts }) => sum + conflicts, 0),
  };
}

function unknownVerdict(
  name: string,
  { outcome, decisions, conflicts }: PolygraphDecision,
  { timeMs }: CheckBudget,
  figures: NonNullable<Verdict['figures']>,
): Verdict {
  if (outcome === 'unjudgeable') {
    const summary = `${name}: a value was written twice; values that are written once make it decidable`;
    return { valid: 'unknown', reason: 'vacuous', summary, figures };
  }
  const summary =
    `${name}: not decided within ${String(timeMs)} ms, after ${String(decisions)} choices and ` +
    `${String(conflicts)} conflicts; transactions that read what they write make it easier`;
  return { valid: 'unknown', reason: 'budget', summary, figures };
}

/** Elle's name for what is known to be a cycle and not shown. */
function anomalyNameOf(name: string, { certificate }: PolygraphDecision): string {
  return certificate !== null && 'anomaly' in certificate
    ? certificate.anomaly
    : `${name}-cycle-exists`;
}

function anomalyOf(name: string, decision: PolygraphDecision): Anomaly {
  const { certificate } = decision;
  return {
    name: anomalyNameOf(name, decision),
    guarantee: GUARANTEES[name] ?? `The history is ${name}.`,
    explanation:
      certificate === null
        ? 'No order of the writes of each key fits all reads: every choice was tried, and each makes a cycle.'
        : 'No order of the transactions fits all reads, as the certificate shows.',
    operations: transactionsIn(certificate),
    faults: [],
  };
}

const SERIAL = 'Executing the transactions one by one, in some order, gives every answer recorded';
const GUARANTEES: Readonly<Record<string, string>> = {
  serializable: `${SERIAL}.`,
  'strong-session-serializable': `${SERIAL}; the order keeps that of each session.`,
  'strict-serializable': `${SERIAL}; the order keeps that of real time.`,
  'snapshot-isolation':
    'Every transaction reads from a snapshot, and no other replaces what it writes before it commits.',
};

/** The transactions that a certificate names. */
export function transactionsIn(certificate: Certificate | null): number[] {
  if (certificate?.kind === 'transaction-fault') return [...certificate.transactions];
  if (certificate?.kind !== 'transaction-cycle') return [];
  const named = certificate.edges.flatMap(({ from, to, witness }) =>
    witness === undefined ? [from, to] : [from, to, witness],
  );
  return [...new Set(named)].sort((a, b) => a - b);
}
