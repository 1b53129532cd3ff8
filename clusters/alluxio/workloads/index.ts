/** Alluxio's workloads; the first is the default. */
import type { WorkloadDefinition } from '../../../harness/workload.ts';
import { majorOf } from '../versions.ts';
import { backup } from './backup.ts';
import { data } from './data.ts';
import { metadata } from './metadata.ts';
import { probe, workers } from './workers.ts';

export const WORKLOADS: readonly WorkloadDefinition[] = [
  metadata,
  ...[data, workers, probe].map(ofGeneration(1)),
  ...[backup].map(ofGeneration(2)),
];

/** What there is a client of this generation alone for. */
function ofGeneration(major: 1 | 2): (definition: WorkloadDefinition) => WorkloadDefinition {
  return (definition) => ({ ...definition, suits: (version) => majorOf(version) === major });
}
