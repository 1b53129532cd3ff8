/** Alluxio's workloads; the first is the default. */
import type { WorkloadDefinition } from '../../../harness/workload.ts';
import { backup } from './backup.ts';
import { data } from './data.ts';
import { metadata } from './metadata.ts';
import { probe, workers } from './workers.ts';

export const WORKLOADS: readonly WorkloadDefinition[] = [metadata, data, workers, probe, backup];
