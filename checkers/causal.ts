/**
 * A register per key, used by one process at a time, shows the operations in the order in which they were issued.
 *
 * Source: Jepsen's `causal` test (reads and writes of a causal order; the n-th write writes n). Where answers tell the
 * position they took in the system's log and the position they link to (`{value, position, link}`), the links must form a
 * chain.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../harness/checker.ts';
import type { Operation, Value } from '../harness/operation.ts';
import { flagOption } from './check-options.ts';
import { keyedOption, partitionByKey } from './keyed-pairs.ts';
import type { KeyedPair, KeyPartition } from './keyed-pairs.ts';
import { pairOperations, placeOf } from './operation-pairs.ts';
import type { OperationPair } from './operation-pairs.ts';
import { proofOf } from './proof.ts';
import { identityOf, isRecord, textOf } from './value-text.ts';
import { vacuousVerdict, verdictOf } from './verdict-of.ts';

const KINDS = ['read-init', 'read', 'write'];

interface Step {
  readonly pair: OperationPair;
  readonly f: string;
  readonly value: Value;
  readonly position: Value;
  /** Undefined: the answer links to nothing. */
  readonly link: Value | undefined;
}

/**
 * Options: `keyed`: values are [key, value]; default: when all look so. `counted`: the n-th write of a key writes n;
 * default true, as in Jepsen's test.
 */
export const checkCausal: Check = (run, options): Verdict => {
  const pairs = pairOperations(run.history).filter(({ invoke }) => KINDS.includes(invoke.f));
  const partitions = partitionByKey(pairs, keyedOption(options, pairs));
  const counted = flagOption(options, 'counted', true);
  let completed = 0;
  const anomalies: Anomaly[] = [];
  for (const partition of partitions) {
    const steps = stepsOf(partition);
    completed += steps.length;
    const anomaly = firstAnomaly(run, partition.key, steps, counted);
    if (anomaly !== null) anomalies.push(anomaly);
  }
  const figures = { keys: partitions.length, completed };
  if (completed === 0) return vacuousVerdict('no operation completed', figures);
  return verdictOf(anomalies, figures, `${String(completed)} operations in causal order`);
};

/** What completed, in the order of completion. */
function stepsOf({ pairs }: KeyPartition): Step[] {
  return pairs
    .filter(({ pair }) => pair.completion?.type === 'ok')
    .sort((a, b) => endOf(a) - endOf(b))
    .map(stepOf);
}

function endOf({ pair }: KeyedPair): number {
  return pair.completion?.index ?? Infinity;
}

function stepOf({ pair, answered }: KeyedPair): Step {
  const completion: Operation & { readonly position?: Value; readonly link?: Value } =
    pair.completion ?? pair.invoke;
  const told = isRecord(answered) ? answered : completion;
  const { position = null, link } = told as { position?: Value; link?: Value };
  const value = isRecord(answered) ? (answered['value'] ?? null) : answered;
  return { pair, f: pair.invoke.f, value, position, link };
}

function firstAnomaly(
  run: RecordedRun,
  key: Value,
  steps: readonly Step[],
  counted: boolean,
): Anomaly | null {
  let value: Value = 0;
  let writes = 0;
  let last: Step | null = null;
  let writer: Step | null = null;
  for (const step of steps) {
    const wrong = linkFault(step, last) ?? valueFault(step, value, writes, counted);
    if (wrong !== null) {
      const before = [writer, last].flatMap((other) => (other === null ? [] : [other.pair]));
      return {
        name: 'causal-order',
        guarantee: 'The operations on a register appear in the order in which they were issued.',
        explanation: `${key === null ? '' : `Key ${textOf(key)}: `}${placeOf(step.pair)} ${wrong}.`,
        ...proofOf(run, [...before, step.pair]),
      };
    }
    if (step.f === 'write') {
      writes++;
      value = step.value;
      writer = step;
    }
    last = step;
  }
  return null;
}

function linkFault({ link }: Step, last: Step | null): string | null {
  if (link === undefined || link === 'init') return null;
  const position = last?.position ?? null;
  if (identityOf(link) === identityOf(position)) return null;
  return `links to ${textOf(link)}; the last position is ${textOf(position)}`;
}

function valueFault(step: Step, value: Value, writes: number, counted: boolean): string | null {
  if (step.f === 'write') {
    if (!counted || step.value === writes + 1) return null;
    return `writes ${textOf(step.value)}; the next write is of ${String(writes + 1)}`;
  }
  // A read of null tells nothing, as in Jepsen's test.
  if (step.value === null || identityOf(step.value) === identityOf(value)) return null;
  return `reads ${textOf(step.value)} from a register that holds ${textOf(value)}`;
}
