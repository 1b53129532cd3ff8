/** Partitions: whole links cut, at once. */
import type { Fault } from '../harness/nemesis.ts';
import { linkFault } from './link-fault.ts';
import { MORE_PARTITION_KINDS, PARTITION_KINDS } from './partition-kinds.ts';

/** Those of the package `partition`. */
export const partitions: readonly Fault[] = PARTITION_KINDS.map(linkFault);

/** Those of the package `network`. */
export const morePartitions: readonly Fault[] = MORE_PARTITION_KINDS.map(linkFault);
