/** Everything `--model` may name: one list of what the families of checkers can judge. */
import { unknownName } from '../../harness/nearest.ts';
import { decidesByPolygraph } from '../isolation/polygraph-judge.ts';
import { MODEL_JUDGES } from '../linearizability/model-judges.ts';
import { REGISTER_JUDGES } from '../linearizability/register-judges.ts';
import { ELLE_JUDGES } from '../transactions/elle-judges.ts';
import { ISOLATION_JUDGES } from '../transactions/isolation-judges.ts';
import { CHECK_JUDGES } from './check-judges.ts';
import { POLYGRAPH_MODEL } from './polygraph-model.ts';
import type { HistoryModel, JudgingOptions } from './history-judge.ts';

const TRANSACTIONS: readonly HistoryModel[] = [
  ...ELLE_JUDGES,
  ...ISOLATION_JUDGES,
  POLYGRAPH_MODEL,
];

/** The first of a name is what the name means, but see `modelFor`. */
export const HISTORY_MODELS: readonly HistoryModel[] = [
  ...REGISTER_JUDGES,
  ...MODEL_JUDGES,
  ...TRANSACTIONS,
  ...CHECK_JUDGES,
];

/** Each name once, in the order of the list. */
export const HISTORY_MODEL_NAMES: readonly string[] = [
  ...new Set(HISTORY_MODELS.map(({ name }) => name)),
];

/** Judging when nobody asks for anything else. */
export const DEFAULT_JUDGING: JudgingOptions = {
  initial: undefined,
  nilReads: 'initial',
  failedCas: 'dropped',
  consistency: [],
  realtime: true,
  versionOrders: [],
  verify: 'cheap',
};

/** Levels that need no order of the writes; what logs of sessions are held against when nothing is asked for. */
const WEAK_LEVELS: readonly string[] = ['read-committed', 'read-atomic', 'causal'];

/**
 * The model of a name. Registers of sessions without real time have no version orders to go by: without anything asked
 * for they are judged by their weak levels, for serializability and snapshot isolation by all orders there could be.
 * @throws RangeError with the nearest valid name
 */
export function modelFor(name: string, options: JudgingOptions): HistoryModel {
  const wanted = name === 'rw-register' && !options.realtime ? withoutTime(options) : name;
  const model = HISTORY_MODELS.find((known) => known.name === wanted);
  if (model === undefined) throw new RangeError(unknownName('model', name, HISTORY_MODEL_NAMES));
  return model;
}

function withoutTime({ consistency, versionOrders }: JudgingOptions): string {
  if (consistency.every((level) => WEAK_LEVELS.includes(level))) return 'rw-register-levels';
  const hasOrders = versionOrders.length > 0;
  return decidesByPolygraph(consistency) && !hasOrders ? POLYGRAPH_MODEL.name : 'rw-register';
}

/** Transactions may be read leniently: answers without calls, calls one upon another. */
export function isTransactional(model: HistoryModel): boolean {
  return TRANSACTIONS.includes(model);
}
