/** What this family judges by the name of a model. */
import type { CheckBudget, Verdict } from '../../harness/checker.ts';
import type { Operation } from '../../harness/operation.ts';
import type { Certificate } from '../certificate.ts';
import type {
  HistoryJudge,
  HistoryModel,
  HistoryVerdict,
  JudgingOptions,
} from '../judging/history-judge.ts';
import { textOf } from '../value-text.ts';
import { judgePartitions } from './model-check.ts';
import type { ModelVerdict } from './model-check.ts';
import { CollectedOperation, PartitionCollector } from './model-partitions.ts';
import { MODELS } from './models/by-name.ts';
import type { NamedModel } from './models/by-name.ts';
import type { Model } from './model.ts';

export const MODEL_JUDGES: readonly HistoryModel[] = [...MODELS.map(historyModel)];

function historyModel(named: NamedModel): HistoryModel {
  const { name, title } = named;
  return { name, title, create: (options) => new ModelJudge(named, options) };
}

/** Operations are kept until the end: whether a set may be partitioned is known only then. */
class ModelJudge implements HistoryJudge {
  readonly #named: NamedModel;
  readonly #options: JudgingOptions;
  readonly #spanning: ReadonlySet<string>;
  readonly #probe: Model;
  readonly #events: { readonly operation: CollectedOperation; readonly event: Event }[] = [];
  readonly #open = new Map<number, CollectedOperation>();
  #spans = false;
  #completed = 0;

  constructor(named: NamedModel, options: JudgingOptions) {
    this.#named = named;
    this.#options = options;
    this.#spanning = new Set(named.spanning);
    this.#probe = named.create(options.initial, true);
  }

  add(line: Operation): void {
    const { type, process, value, index } = line;
    if (type === 'invoke') {
      const operation = new CollectedOperation(line.f, value, index, process, index);
      this.#examine(line, operation);
      this.#spans ||= this.#spanning.has(line.f);
      this.#open.set(process, operation);
      this.#events.push({ operation, event: 'call' });
      return;
    }
    const operation = this.#open.get(process);
    if (operation === undefined) throw unmatched(line);
    this.#open.delete(process);
    if (type === 'info') return;
    if (type === 'ok') {
      this.#completed++;
      operation.output = value;
      operation.end = index;
      this.#examine(line, operation);
    }
    this.#events.push({ operation, event: type === 'ok' ? 'end' : 'drop' });
  }

  finish(budget: CheckBudget): HistoryVerdict {
    const model = withNilReads(
      this.#named.create(this.#options.initial, this.#spans),
      this.#options.nilReads,
    );
    const collector = new PartitionCollector(model);
    for (const { operation, event } of this.#events) {
      if (event === 'call') collector.call(operation);
      else if (event === 'end') collector.end(operation, operation.output, operation.end);
      else collector.drop(operation);
    }
    const { verify } = this.#options;
    const found = judgePartitions(model, collector.partitions, { budget, verify });
    const certificates: Certificate[] = [...found.orders];
    for (const { smallHistory } of found.violations) {
      if (smallHistory !== null) certificates.push(smallHistory);
    }
    return { verdict: verdictOf(model, found, this.#completed), certificates };
  }

  /** One step from the beginning tells whether the model understands it. */
  #examine(line: Operation, operation: CollectedOperation): void {
    try {
      this.#probe.step(this.#probe.init(), operation);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new TypeError(
        `history line ${String(line.index)}: ${line.type} of ${line.f}: ${why} (model ${this.#named.name})`,
        { cause: error },
      );
    }
  }
}

type Event = 'call' | 'end' | 'drop';

function unmatched({ index, type, process }: Operation): Error {
  return new Error(
    `history line ${String(index)}: ${type} of process ${String(process)}, which has nothing ` +
      'outstanding; expected an invoke first',
  );
}

/** Knossos: a read of null says nothing. */
function withNilReads(model: Model, nilReads: 'any' | 'initial'): Model {
  if (nilReads === 'initial') return model;
  return {
    ...model,
    step: (state, operation) => {
      const tellsNothing = operation.output === null && model.isRead?.(operation) === true;
      return tellsNothing ? state : model.step(state, operation);
    },
  };
}

/** The verdict in words. @param completed number of operations that completed. */
export function verdictOf(model: Model, found: ModelVerdict, completed: number): Verdict {
  const { valid, operations, partitions, steps, undecided, violations } = found;
  const figures = { operations, partitions, steps, undecided: undecided.length };
  const parts = partitions === 1 ? '' : ` in ${String(partitions)} partitions`;
  const of = `${String(operations)} operations${parts}`;
  if (valid === 'invalid') {
    const anomalies = violations.slice(0, MOST_ANOMALIES).map((violation) => ({
      name: 'nonlinearizable',
      guarantee: `Each operation on the ${model.name} takes effect at one moment between its call and its end.`,
      explanation: partOf(partitions, violation.partition) + violation.explanation,
      operations: proofOf(violation),
      faults: [],
    }));
    const names = `${String(violations.length)} of ${String(partitions)} partitions`;
    const summary = `not linearizable as ${model.name}: ${partitions === 1 ? of : names}`;
    return { valid, summary, anomalies, figures };
  }
  if (valid === 'unknown') return { ...undecidedVerdict(found, of), figures };
  if (completed === 0) {
    const summary = 'nothing was observed: no operation completed';
    return { valid: 'unknown', reason: 'vacuous', summary, figures };
  }
  return { valid, summary: `linearizable as ${model.name}: ${of}`, figures };
}

const MOST_ANOMALIES = 12;

function partOf(
  partitions: number,
  partition: ModelVerdict['violations'][number]['partition'],
): string {
  return partitions === 1 ? '' : `${textOf(partition)}: `;
}

function proofOf({
  smallHistory,
  longestOrder,
  blocked,
}: ModelVerdict['violations'][number]): number[] {
  const indexes =
    smallHistory?.operations.map(({ operation }) => operation) ??
    [...longestOrder.slice(-MOST_PROVING), blocked].filter((index) => index >= 0);
  return [...new Set(indexes)].sort((a, b) => a - b);
}

/** Where the proof is not small, the last of the longest legal order are named. */
const MOST_PROVING = 20;

function undecidedVerdict({ undecided }: ModelVerdict, of: string): Verdict {
  const bug = undecided.find(({ disagreement }) => disagreement === true);
  if (bug !== undefined) {
    const summary = `two engines disagree on ${textOf(bug.partition)}: a bug of the checker`;
    return { valid: 'unknown', reason: 'harness-failure', summary };
  }
  const [first] = undecided;
  const reached =
    first === undefined
      ? ''
      : `; in ${textOf(first.partition)} ${String(first.ordered)} of ${String(first.operations)} operations were ordered`;
  const summary =
    `not decided within the budget: ${String(undecided.length)} partitions of ${of}${reached}. ` +
    'Unique values, fewer clients or shorter histories would make it decidable';
  return { valid: 'unknown', reason: 'budget', summary };
}
