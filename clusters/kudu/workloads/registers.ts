/** What the workloads on registers have in common: keys, unique values, and that nothing acknowledged is lost. */
import { type CheckerRef, ownChecker } from '../../../harness/checker.ts';
import type { GeneratorLike, LeafContext } from '../../../harness/generator.ts';
import type { Invocation, Value } from '../../../harness/operation.ts';
import { finalReads } from './final-reads.ts';

/** Few, so that what one client writes another soon reads. */
export const KEYS: readonly number[] = [0, 1, 2, 3, 4];

/** What writes are called: sent to the leader that the client knows, or to the one that the masters tell at that moment. */
export const WRITES: readonly string[] = ['write', 'write-anew'];

/** A key, by the chance of this place in the generator. */
export function anyKey(context: LeafContext): number {
  return context.below(KEYS.length, 1);
}

/** A write of a value that no other operation writes, so that a read tells which write it saw. */
export function writeOf(context: LeafContext, key = anyKey(context)): Invocation {
  const { ordinal, concurrency, thread } = context;
  return { f: 'write', value: [key, ordinal * concurrency + thread + 1] };
}

/** A read of some key. @param argument what the client is told besides the key. Default: nothing */
export function readOf(context: LeafContext, f: string, argument: Value = null): Invocation {
  return { f, value: [anyKey(context), argument] };
}

/** Every register once it is quiet. */
export function finalRegisterReads(nodeCount: number): GeneratorLike {
  return finalReads(
    nodeCount,
    KEYS.map((key): Value => [key, null]),
  );
}

/** Holds whatever reads promise: what was acknowledged is there at the end. */
export const DURABILITY: CheckerRef = ownChecker(
  'checkers/availability/durability',
  'checkDurability',
  {
    reads: ['final-read'],
    writes: WRITES,
    keyed: true,
  },
);
