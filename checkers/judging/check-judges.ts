/** What this family judges by the name of a model: checkers of recorded runs, given histories from elsewhere. */
import type { Check, RecordedRun } from '../../harness/checker.ts';
import type { Operation } from '../../harness/operation.ts';
import { checkDurability } from '../availability/durability.ts';
import { checkExactlyOnce } from '../availability/exactly-once.ts';
import { checkBank } from '../bank.ts';
import { checkCausal } from '../causal.ts';
import { checkCausalReverse } from '../causal-reverse.ts';
import type { CheckOptions } from '../check-options.ts';
import { checkCounter } from '../counter.ts';
import { checkLifeCycle } from '../lifecycle/life-cycle.ts';
import { tellsKeyed } from '../linearizability/register-partitions.ts';
import { checkLongFork } from '../long-fork.ts';
import { checkSessionGuarantees } from '../sessions/session-guarantees.ts';
import { checkSet } from '../set.ts';
import { checkSetFull } from '../set-full.ts';
import { checkTotalQueue } from '../total-queue.ts';
import { checkUniqueIds } from '../unique-ids.ts';
import { isList } from '../value-text.ts';
import { vacuousVerdict } from '../verdict-of.ts';
import { checkWatchStreams } from '../watch-streams.ts';
import type { HistoryJudge, HistoryModel, JudgingOptions } from './history-judge.ts';

/** What a checker is told, by what was asked for and by what the history shows. */
type Tell = (options: JudgingOptions, history: readonly Operation[]) => CheckOptions;

/** Collects the history and gives it to a checker. */
function modelOf(
  name: string,
  title: string,
  check: Check,
  checkOptions: Tell = () => ({}),
): HistoryModel {
  const create = (options: JudgingOptions): HistoryJudge => {
    const history: Operation[] = [];
    return {
      add: (operation) => {
        history.push(operation);
      },
      finish: (budget) => {
        const verdict = check(runOf(history), checkOptions(options, history), budget);
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

/** A model of what is said in the order of real time: of a history without one it says nothing. */
function timedModelOf(
  name: string,
  title: string,
  check: Check,
  checkOptions?: Tell,
): HistoryModel {
  const timed = modelOf(name, title, check, checkOptions);
  const untimed = modelOf(name, title, () =>
    vacuousVerdict(`${name} speaks of the order of real time, which this history has not`, {}),
  );
  const create = (options: JudgingOptions): HistoryJudge =>
    (options.realtime ? timed : untimed).create(options);
  return { name, title, create };
}

/** Registers: what they hold at the beginning, and whether values are `[key, value]`, told by the first read or swap. */
function registerTelling({ initial }: JudgingOptions, history: readonly Operation[]): CheckOptions {
  const telling = history
    .filter(({ f }) => f === 'read' || f === 'cas')
    .map(tellsKeyed)
    .find((keyed) => keyed !== null);
  return { keyed: telling ?? false, initial: initial ?? null };
}

/** Registers of which reads of nil may say nothing. Those are left out, as reads that failed. */
function ofRegisters(model: HistoryModel): HistoryModel {
  const lenient = (options: JudgingOptions): HistoryJudge => {
    const judge = model.create(options);
    if (options.nilReads !== 'any') return judge;
    return {
      add: (operation) => {
        judge.add(isNilRead(operation) ? { ...operation, type: 'fail' } : operation);
      },
      finish: (budget) => judge.finish(budget),
    };
  };
  return { ...model, create: lenient };
}

function isNilRead({ type, f, value }: Operation): boolean {
  if (type !== 'ok' || f !== 'read') return false;
  return value === null || (isList(value) && value.length === 2 && value[1] === null);
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
  ofRegisters(
    modelOf(
      'session-guarantees',
      'monotonic reads and writes, read your writes, writes follow reads',
      checkSessionGuarantees,
      registerTelling,
    ),
  ),
  timedModelOf(
    'watch-streams',
    'watches of a revisioned store: ordered, unique, gapless, resumable',
    checkWatchStreams,
  ),
  ofRegisters(
    timedModelOf(
      'durability',
      'the last reads hold what was acknowledged',
      checkDurability,
      registerTelling,
    ),
  ),
  timedModelOf(
    'exactly-once',
    'what was refused was not done, nothing twice, what was acknowledged is there',
    checkExactlyOnce,
  ),
  timedModelOf(
    'life-cycle',
    'states of jobs only move forward, one job at a time, none forgotten',
    checkLifeCycle,
  ),
];
