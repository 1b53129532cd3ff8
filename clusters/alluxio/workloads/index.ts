/** Alluxio's workloads; the first is the default. */
import type { WorkloadDefinition } from '../../../harness/workload.ts';
import { backup } from './backup.ts';
import { metadata } from './metadata.ts';

export const WORKLOADS: readonly WorkloadDefinition[] = [metadata, backup];
