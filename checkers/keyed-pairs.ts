/** Histories of many independent keys: every value is `[key, value]`, as Jepsen's `independent` makes them. */
import type { Value } from '../harness/operation.ts';
import type { CheckOptions } from './check-options.ts';
import { flagOption } from './check-options.ts';
import type { OperationPair } from './operation-pairs.ts';
import { splitKeyed } from './register-history.ts';
import { identityOf, isList } from './value-text.ts';

/** An operation of one key, its values without the key. */
export interface KeyedPair {
  readonly pair: OperationPair;
  readonly asked: Value;
  /** Null when it did not complete. */
  readonly answered: Value;
}

export interface KeyPartition {
  /** Null when the history is not keyed. */
  readonly key: Value;
  readonly pairs: readonly KeyedPair[];
}

/**
 * The operations of each key; one partition with key null when `keyed` is false.
 * @throws TypeError when `keyed` and a value is not a pair.
 */
export function partitionByKey(
  pairs: readonly OperationPair[],
  keyed: boolean,
): readonly KeyPartition[] {
  if (!keyed) {
    const plain = pairs.map((pair) => ({
      pair,
      asked: pair.invoke.value,
      answered: pair.completion?.value ?? null,
    }));
    return [{ key: null, pairs: plain }];
  }
  const partitions = new Map<string, { key: Value; pairs: KeyedPair[] }>();
  for (const pair of pairs) {
    const { key, value: asked } = splitKeyed(pair.invoke);
    const answered = pair.completion?.type === 'ok' ? splitKeyed(pair.completion).value : null;
    const identity = identityOf(key);
    let partition = partitions.get(identity);
    if (partition === undefined) partitions.set(identity, (partition = { key, pairs: [] }));
    partition.pairs.push({ pair, asked, answered });
  }
  return [...partitions.values()];
}

/** The option `keyed`. Default (also null): whether all values are `[key, value]`, the key kept from call to answer. */
export function keyedOption(options: CheckOptions, pairs: readonly OperationPair[]): boolean {
  if ((options['keyed'] ?? null) !== null) return flagOption(options, 'keyed', false);
  return pairs.length > 0 && pairs.every(looksKeyed);
}

function looksKeyed({ invoke, completion }: OperationPair): boolean {
  const asked = invoke.value;
  if (!isList(asked) || asked.length !== 2) return false;
  if (completion?.type !== 'ok') return true;
  const answered = completion.value;
  if (!isList(answered) || answered.length !== 2) return false;
  return identityOf(asked[0] ?? null) === identityOf(answered[0] ?? null);
}
