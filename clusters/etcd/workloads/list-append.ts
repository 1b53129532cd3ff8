/** Lists under transactions of one to four appends and reads; strictly serializable. */
import { ownChecker } from '../../../harness/checker.ts';
import type { GeneratorLike, LeafContext } from '../../../harness/generator.ts';
import { stagger } from '../../../harness/generators/pace.ts';
import { SECOND, type Invocation, type Value } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { finalReads } from './final-reads.ts';
import { CONVERGENCE } from './register.ts';

/** Keys in use at a time: few, so that transactions meet. */
const ACTIVE_KEYS = 5;
const MOST_MICRO_OPERATIONS = 4;
/** Appends to a key, about, before another takes its place: a read tells the whole list. */
const APPENDS_A_KEY = 40;
/** Of one transaction: (1 + 2 + 3 + 4) / 4 micro-operations, half of them appends. */
const APPENDS_A_TRANSACTION = 1.25;
/** Final reads are of as many keys as this many seconds at the full rate could reach, and a bounded number. */
const FINAL_SECONDS = 120;
const MOST_FINAL_KEYS = 400;
const KEYS_A_FINAL_READ = 8;

/** Transactions as etcd offers them. */
export const listAppend: WorkloadDefinition = {
  name: 'list-append',
  summary: 'transactions of appends to lists and reads of them, strictly serializable',
  make: (options) => listAppendWorkload('list-append', options),
};

/** Deliberately weak, to see the checker reject a real cluster. */
export const listAppendSerializableReads: WorkloadDefinition = {
  name: 'list-append-serializable-reads',
  summary: 'list-append with stale, unguarded reads: deliberately weak, expected to be invalid',
  weak: true,
  make: (options) => listAppendWorkload('list-append-serializable-reads', options),
};

function listAppendWorkload(name: string, options: WorkloadOptions): Workload {
  const { nodes, concurrency, rate } = options;
  const lifetime = lifetimeOf(concurrency);
  const reached = Math.ceil((rate * FINAL_SECONDS) / concurrency / lifetime) * ACTIVE_KEYS;
  return {
    name,
    generator: stagger(SECOND / rate, (context) => transaction(context, lifetime)),
    finalGenerator: finalReads(nodes.length, readsOf(Math.min(MOST_FINAL_KEYS, reached))),
    checkers: [
      ownChecker('checkers/list-append', 'checkListAppend', {
        consistency: ['strict-serializable'],
      }),
      CONVERGENCE,
    ],
    reads: ['final-state'],
  };
}

/** Transactions of one thread during which a key is in use. */
function lifetimeOf(concurrency: number): number {
  return Math.ceil((APPENDS_A_KEY * ACTIVE_KEYS) / (APPENDS_A_TRANSACTION * concurrency));
}

/** Fixed by the seed, the thread and its ordinal alone. */
function transaction(context: LeafContext, lifetime: number): GeneratorLike {
  const length = 1 + context.below(MOST_MICRO_OPERATIONS, 0);
  const value = Array.from({ length }, (_, place): Value => {
    const slot = context.below(ACTIVE_KEYS, 1 + 2 * place);
    const key = keyOf(context.ordinal, slot, lifetime);
    if (context.below(2, 2 + 2 * place) === 0) return ['r', key, null];
    return ['append', key, elementOf(context, place)];
  });
  return { f: 'txn', value };
}

/** The key that is in a slot at this ordinal. The slots change one after another, not all at once. */
function keyOf(ordinal: number, slot: number, lifetime: number): number {
  const shift = Math.floor((slot * lifetime) / ACTIVE_KEYS);
  return Math.floor((ordinal + shift) / lifetime) * ACTIVE_KEYS + slot;
}

/** Unique in the run. */
function elementOf({ ordinal, concurrency, thread }: LeafContext, place: number): number {
  return (ordinal * concurrency + thread) * MOST_MICRO_OPERATIONS + place;
}

function readsOf(keys: number): Invocation[] {
  const chunks = Math.ceil(keys / KEYS_A_FINAL_READ);
  return Array.from({ length: chunks }, (_, chunk) => ({
    f: 'txn',
    value: Array.from(
      { length: Math.min(KEYS_A_FINAL_READ, keys - chunk * KEYS_A_FINAL_READ) },
      (_unused, place): Value => ['r', chunk * KEYS_A_FINAL_READ + place, null],
    ),
  }));
}
