/** Judges one history by a model, line by line. */
import type { CheckBudget } from '../../harness/checker.ts';
import type { Operation } from '../../harness/operation.ts';
import type { Certificate } from '../certificate.ts';
import type { HistoryJudge, HistoryVerdict, JudgingOptions } from '../judging/history-judge.ts';
import { judgePartitions } from './model-check.ts';
import { CollectedOperation, PartitionCollector } from './model-partitions.ts';
import { verdictOf } from './model-verdict.ts';
import type { NamedModel } from './models/by-name.ts';
import type { Model } from './model.ts';

/** Operations are kept until the end: whether a set may be partitioned is known only then. */
export class ModelJudge implements HistoryJudge {
  readonly #named: NamedModel;
  readonly #options: ModelJudgeOptions;
  readonly #spanning: ReadonlySet<string>;
  readonly #probe: Model;
  readonly #events: { readonly operation: CollectedOperation; readonly event: Event }[] = [];
  readonly #open = new Map<number, CollectedOperation>();
  #spans = false;
  #completed = 0;

  constructor(named: NamedModel, options: ModelJudgeOptions) {
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
    const certificates: Certificate[] = found.valid === 'valid' ? [...found.orders] : [];
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

/** The part of the options that models know. */
export type ModelJudgeOptions = Pick<JudgingOptions, 'initial' | 'nilReads' | 'verify'>;
