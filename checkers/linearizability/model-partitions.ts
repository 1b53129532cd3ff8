/** Histories taken apart into partitions, event by event. */
import type { Value } from '../../harness/operation.ts';
import { Interner } from '../interner.ts';
import type { ConcurrentOperation, Model } from './model.ts';
import type { Partition } from './model-problem.ts';

/** An operation of a partition; its output and end are set when it ends. One object an operation, for speed. */
export class CollectedOperation implements ConcurrentOperation {
  readonly f: string;
  readonly input: Value;
  output: Value | undefined;
  readonly index: number;
  readonly process: number;
  readonly call: number;
  end: number;
  /** Where it stands. Set once it is partitioned. */
  partition: CollectedPartition | null = null;
  number = 0;

  constructor(f: string, input: Value, index: number, process: number, call: number) {
    this.f = f;
    this.input = input;
    this.output = undefined;
    this.index = index;
    this.process = process;
    this.call = call;
    this.end = Infinity;
  }
}

/** Collects operations into partitions, as the history's events come in their real-time order. */
export class PartitionCollector {
  readonly #model: Pick<Model, 'partition'>;
  readonly #keys = new Interner();
  readonly #partitions: CollectedPartition[] = [];

  constructor(model: Pick<Model, 'partition'>) {
    this.#model = model;
  }

  /** All partitions, in the order they are first seen. */
  get partitions(): readonly Partition[] {
    return this.#partitions.map((one) => (one.dropped.length === 0 ? one : withoutDropped(one)));
  }

  /** An operation is called. */
  call(operation: CollectedOperation): void {
    const partition = this.#partitionOf(operation);
    const number = partition.operations.length;
    operation.partition = partition;
    operation.number = number;
    partition.operations.push(operation);
    partition.events.push(number);
  }

  /** It ends, with this output. */
  end(operation: CollectedOperation, output: Value | undefined, end: number): void {
    operation.output = output;
    operation.end = end;
    operation.partition?.events.push(~operation.number);
  }

  /** It is known not to have happened. */
  drop({ partition, number }: CollectedOperation): void {
    partition?.dropped.push(number);
  }

  #partitionOf(operation: ConcurrentOperation): CollectedPartition {
    const key = this.#model.partition === undefined ? null : this.#model.partition(operation);
    const id = this.#keys.idOf(key);
    let partition = this.#partitions[id];
    if (partition === undefined) {
      this.#partitions.push((partition = { key, operations: [], events: [], dropped: [] }));
    }
    return partition;
  }
}

interface CollectedPartition extends Partition {
  readonly operations: ConcurrentOperation[];
  readonly events: number[];
  readonly dropped: number[];
}

function withoutDropped({ key, operations, events, dropped }: CollectedPartition): Partition {
  const numbers = new Int32Array(operations.length);
  for (const number of dropped) numbers[number] = -1;
  let next = 0;
  for (let i = 0; i < numbers.length; i++) if (numbers[i] !== -1) numbers[i] = next++;
  const renumbered: number[] = [];
  for (const event of events) {
    const number = numbers[event < 0 ? ~event : event] as number;
    if (number !== -1) renumbered.push(event < 0 ? ~number : number);
  }
  return { key, operations: operations.filter((_, i) => numbers[i] !== -1), events: renumbered };
}
