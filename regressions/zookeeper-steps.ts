/** What is particular to the schedules of ZooKeeper's regressions, and the workload that most of them share. */
import { finalReads } from '../clusters/zookeeper/workloads/final-reads.ts';
import { REGISTER_CHECKERS, strictReads } from '../clusters/zookeeper/workloads/register.ts';
import type { GeneratorLike, LeafContext } from '../harness/generator.ts';
import { withKey } from '../harness/generators/independent.ts';
import { stagger } from '../harness/generators/pace.ts';
import { toGenerator } from '../harness/generators/to-generator.ts';
import type { Trigger } from '../harness/nemesis.ts';
import { MILLISECOND, SECOND, type Invocation, type NodeName } from '../harness/operation.ts';
import type { Workload } from '../harness/workload.ts';
import { after } from './steps.ts';

/** When the node serves, or serves no more. */
export function serving(node: NodeName, is: boolean): Trigger {
  return { probe: { name: 'serving', node, is } };
}

/** The leader, cut off by this step, has had the time to log a write that nobody confirms. */
export function logged(cut: string): Trigger {
  return after(cut, 'fired', 300 * MILLISECOND);
}

/** Registers under these operations; at the end strict reads of all of them on each node. */
export function registersUnder(operations: GeneratorLike, nodeCount: number): Workload {
  return {
    name: 'register',
    generator: toGenerator(operations),
    finalGenerator: finalReads(nodeCount, strictReads),
    checkers: REGISTER_CHECKERS,
    reads: ['read', 'strict-read', 'final-state'],
  };
}

/** Of registersWrittenThroughLast: operations a second over all threads. */
const RATE = 90;

/**
 * One register. Thread t talks to node t modulo their number: those of the last node, the first leader, write; the others
 * read strictly. Every value is written once, so that a read tells which write it saw.
 */
export function registersWrittenThroughLast(nodeCount: number): Workload {
  const operate = ({ thread, ordinal }: LeafContext): Invocation =>
    thread % nodeCount === nodeCount - 1
      ? { f: 'write', value: withKey('r0', ordinal + 1) }
      : { f: 'strict-read', value: withKey('r0', null) };
  return registersUnder(stagger(SECOND / RATE, operate), nodeCount);
}
