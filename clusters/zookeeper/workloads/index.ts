/** ZooKeeper's workloads. */
import type { WorkloadDefinition } from '../../../harness/workload.ts';

export const WORKLOADS: readonly WorkloadDefinition[] = [];
