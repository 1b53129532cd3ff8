/** Judging a history or a run by sequential consistency. */
import type { Check, CheckBudget, Verdict } from '../../harness/checker.ts';
import type { Operation } from '../../harness/operation.ts';
import { flagOption } from '../check-options.ts';
import type {
  HistoryJudge,
  HistoryModel,
  HistoryVerdict,
  JudgingOptions,
} from '../judging/history-judge.ts';
import { CollectedOperation } from '../linearizability/model-partitions.ts';
import type { RegisterMapOptions } from './register-map.ts';
import { accessOf } from './register-map.ts';
import { checkSequentialRegister } from './sequential-check.ts';
import type { SequentialVerdict } from './sequential-check.ts';

export const SEQUENTIAL_REGISTER_JUDGE: HistoryModel = {
  name: 'sequential-register',
  title: 'register, sequentially consistent: read, write, cas; real time does not count',
  create: ({ initial, nilReads }) =>
    new SequentialJudge({ initial: initial ?? null, keyed: false }, nilReads),
};

/** Options: `initial` (default null), `keyed` (values are [key, value]; all keys are judged together; default false). */
export const checkSequential: Check = (run, options, budget) => {
  const keyed = flagOption(options, 'keyed', false);
  const judge = new SequentialJudge({ initial: options['initial'] ?? null, keyed }, 'initial');
  for (const operation of run.history) judge.add(operation);
  return judge.finish(budget).verdict;
};

class SequentialJudge implements HistoryJudge {
  readonly #options: RegisterMapOptions;
  readonly #nilReads: JudgingOptions['nilReads'];
  readonly #operations: CollectedOperation[] = [];
  readonly #dropped = new Set<CollectedOperation>();
  readonly #open = new Map<number, CollectedOperation>();

  constructor(options: RegisterMapOptions, nilReads: JudgingOptions['nilReads']) {
    this.#options = options;
    this.#nilReads = nilReads;
  }

  add(line: Operation): void {
    const { type, process, value, index, f } = line;
    if (type === 'invoke') {
      const operation = new CollectedOperation(f, value, index, process, index);
      this.#examine(line, operation);
      this.#open.set(process, operation);
      this.#operations.push(operation);
      return;
    }
    const operation = this.#open.get(process);
    if (operation === undefined) {
      throw new Error(
        `history line ${String(index)}: ${type} of process ${String(process)}, which has nothing outstanding`,
      );
    }
    this.#open.delete(process);
    if (type === 'fail') this.#dropped.add(operation);
    if (type !== 'ok') return;
    operation.output = value;
    operation.end = index;
    this.#examine(line, operation);
    if (f === 'read' && value === null && this.#nilReads === 'any') this.#dropped.add(operation);
  }

  finish(budget: CheckBudget): HistoryVerdict {
    const operations = this.#operations.filter((operation) => !this.#dropped.has(operation));
    const found = checkSequentialRegister(operations, this.#options, budget);
    const verdict = verdictOf(found, operations);
    if (found.valid !== 'valid') return { verdict, certificates: [] };
    const { order } = found;
    return { verdict, certificates: [{ kind: 'serial-order', order, respects: 'process' }] };
  }

  #examine(line: Operation, operation: CollectedOperation): void {
    try {
      accessOf(operation, this.#options.keyed);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new TypeError(`history line ${String(line.index)}: ${line.type} of ${line.f}: ${why}`, {
        cause: error,
      });
    }
  }
}

function verdictOf(
  { valid, explanation, operation, steps }: SequentialVerdict,
  operations: readonly CollectedOperation[],
): Verdict {
  const figures = { operations: operations.length, steps };
  const of = `${String(operations.length)} operations`;
  if (valid === 'unknown') {
    return {
      valid,
      reason: 'budget',
      summary: `not decided within the budget (${of}): ${explanation}`,
      figures,
    };
  }
  if (valid === 'valid') {
    if (!operations.some(({ f, end }) => f !== 'write' && end !== Infinity)) {
      const summary = `nothing was observed: ${of}, none of which tells a value`;
      return { valid: 'unknown', reason: 'vacuous', summary, figures };
    }
    return { valid, summary: `sequentially consistent: ${of}`, figures };
  }
  const anomaly = {
    name: 'not-sequential',
    guarantee: 'All operations have one order that the order of each process is part of.',
    explanation,
    operations: operation === -1 ? operations.map(({ index }) => index) : [operation],
    faults: [],
  };
  return { valid, summary: `not sequentially consistent: ${of}`, anomalies: [anomaly], figures };
}
