/** What this family judges by the name of a model. */
import type { CheckBudget } from '../../harness/checker.ts';
import type { Operation } from '../../harness/operation.ts';
import type {
  HistoryJudge,
  HistoryModel,
  HistoryVerdict,
  JudgingOptions,
} from '../judging/history-judge.ts';
import { ColumnsBuilder } from './columns-builder.ts';
import type { TransactionColumns } from './columns.ts';
import { expectationOf, type Expectation } from './consistency-models.ts';
import { judgeListAppend } from './list-append.ts';
import { judgeRwRegister } from './rw-register.ts';

export const ELLE_JUDGES: readonly HistoryModel[] = [
  {
    name: 'list-append',
    title: 'transactions of appends to lists and reads of them, with unique elements (as Elle)',
    create: (options) => new TransactionJudge('lists', options),
  },
  {
    name: 'rw-register',
    title: 'transactions of writes and reads of registers, with unique values (as Elle)',
    create: (options) => new TransactionJudge('registers', options),
  },
];

const STANDARD = 'strict-serializable';
/** What a history without real time is held against, unless told. */
const STANDARD_WITHOUT_TIME = 'strong-session-serializable';

/** What the options hold a history against. @throws TypeError when they name an unknown model or anomaly. */
export function expectationFor({
  consistency,
  anomalies = [],
  realtime,
}: Pick<JudgingOptions, 'consistency' | 'anomalies' | 'realtime'>): Expectation {
  const isDefault = consistency.length === 0 && anomalies.length === 0;
  const standard = realtime ? STANDARD : STANDARD_WITHOUT_TIME;
  const names = isDefault ? [standard] : [...consistency, ...anomalies];
  const expectation = expectationOf(names);
  // Without real time the order within each session is the most that is known.
  return realtime || !expectation.realtime
    ? expectation
    : { ...expectation, realtime: false, process: true };
}

class TransactionJudge implements HistoryJudge {
  readonly #reads: 'lists' | 'registers';
  readonly #options: JudgingOptions;
  readonly #expectation: Expectation;
  readonly #builder: ColumnsBuilder;

  constructor(reads: 'lists' | 'registers', options: JudgingOptions) {
    this.#reads = reads;
    this.#options = options;
    this.#expectation = expectationFor(options);
    this.#builder = new ColumnsBuilder(reads);
  }

  add(operation: Operation): void {
    this.#builder.add(operation);
  }

  finish(budget: CheckBudget): HistoryVerdict {
    const columns: TransactionColumns = this.#builder.finish();
    return this.#reads === 'lists'
      ? judgeListAppend(columns, this.#expectation, budget)
      : judgeRwRegister(columns, this.#expectation, budget, this.#options.versionOrders);
  }
}
