/** A whole test of the join protocol in simulated time, everything about it drawn from one seed. */
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import type { System } from '../../harness/system.ts';
import type { TestSpec } from '../../harness/test.ts';
import type { WorkloadDefinition } from '../../harness/workload.ts';
import { type ModelTest, modelTest, type RandomTestOptions } from '../models/model-test.ts';
import { sheepdogJoin } from './system.ts';
import { BRIEF_WORKLOADS, joinCheckers } from './workloads/join.ts';

/** A lost host is noticed after 1.85 s at most, a ring joined 0.3 s later, and a process is in another 0.2 s later. */
const JOIN_MS = 2_500;

/** The same workloads, held to a bound that virtual time can keep. */
const system: System = {
  ...sheepdogJoin,
  workloads: BRIEF_WORKLOADS.map((definition): WorkloadDefinition => ({
    ...definition,
    make: (options) => ({ ...definition.make(options), checkers: joinCheckers(JOIN_MS) }),
  })),
};

const TEST: ModelTest = {
  system,
  packages: 'kill,pause',
  concurrency: 2,
  rate: 8,
  timeLimit: 6 * SECOND,
  meanInterval: 400 * MILLISECOND,
  // Long enough at the end that whoever is not in then can be accused.
  quiet: { beginning: 0.15, middle: 0, end: 0.5 },
  // By the thousand: a fault that nobody felt is felt in another run.
  leastWork: { before: 4, after: 2, felt: 0 },
  deadline: SECOND,
  // Longer than all faults together, so that what a stopped process holds up is not held against anybody.
  recoveryLimit: 3 * SECOND,
};

/** Three nodes, about 45 notes, about six faults. @throws RangeError for an unknown workload */
export function randomTest(options: RandomTestOptions): TestSpec {
  return modelTest(TEST, options);
}
