/** What this family judges by the name of a model: checkers of recorded runs, given histories from elsewhere. */
import type { Check, RecordedRun } from '../../harness/checker.ts';
import type { Operation } from '../../harness/operation.ts';
import { checkBank } from '../bank.ts';
import { checkCausal } from '../causal.ts';
import { checkCausalReverse } from '../causal-reverse.ts';
import type { CheckOptions } from '../check-options.ts';
import { checkCounter } from '../counter.ts';
import { checkLongFork } from '../long-fork.ts';
import { checkSet } from '../set.ts';
import { checkSetFull } from '../set-full.ts';
import { checkTotalQueue } from '../total-queue.ts';
import { checkUniqueIds } from '../unique-ids.ts';
import type { HistoryJudge, HistoryModel, JudgingOptions } from './history-judge.ts';

/** Collects the history and gives it to a checker. */
function modelOf(
  name: string,
  title: string,
  check: Check,
  checkOptions: (options: JudgingOptions) => CheckOptions = () => ({}),
): HistoryModel {
  const create = (options: JudgingOptions): HistoryJudge => {
    const history: Operation[] = [];
    return {
      add: (operation) => {
        history.push(operation);
      },
      finish: (budget) => {
        const verdict = check(runOf(history), checkOptions(options), budget);
        const names = new Set(verdict.anomalies?.map((anomaly) => anomaly.name));
        return { verdict, anomalyTypes: [...names].sort(), certificates: [] };
      },
    };
  };
  return { name, title, create };
}

/** A run of which only the history is known. */
function runOf(history: readonly Operation[]): RecordedRun {
  const nodes = [...new Set(history.map(({ node }) => node))];
  const facts = { nodes, concurrency: 1, reads: ['read'], directory: null, recoveryMs: 0 };
  return { history, events: [], faults: [], facts };
}

/** Jepsen's checkers accept what holds no reads. */
const ACCEPT_UNREAD = { unreadIsValid: true };

export const CHECK_JUDGES: readonly HistoryModel[] = [
  modelOf(
    'bank',
    'transfers between accounts: every read shows the same total',
    checkBank,
    () => ACCEPT_UNREAD,
  ),
  modelOf('long-fork', 'reads of keys written once see the writes in one order', checkLongFork),
  modelOf('causal', "a register's operations appear in the order issued", checkCausal),
  modelOf('causal-reverse', 'no write is seen without those before it', checkCausalReverse),
  modelOf(
    'comments',
    'the same as causal-reverse, by the name of its first test',
    checkCausalReverse,
  ),
  modelOf('set', 'added elements are in the last reads', checkSet, () => ({
    staleAllowed: true,
    keyed: null,
  })),
  modelOf('set-full', 'every element is stable, lost or never read; latencies', checkSetFull),
  modelOf(
    'counter',
    'reads lie between the acknowledged and the attempted',
    checkCounter,
    (options) =>
      typeof options.initial === 'number'
        ? { ...ACCEPT_UNREAD, initial: options.initial }
        : ACCEPT_UNREAD,
  ),
  modelOf('unique-ids', 'no id is given twice', checkUniqueIds),
  modelOf('total-queue', 'what is enqueued is dequeued, and nothing else', checkTotalQueue),
];
