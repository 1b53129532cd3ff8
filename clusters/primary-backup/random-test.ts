/** A whole test of the store, everything about it drawn from one seed. */
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import type { TestSpec } from '../../harness/test.ts';
import { type ModelTest, type RandomTestOptions, modelTest } from '../models/model-test.ts';
import { primaryBackup } from './system.ts';

export type { RandomTestOptions } from '../models/model-test.ts';

const TEST: ModelTest = {
  system: primaryBackup,
  packages: 'kill,pause,partition',
  concurrency: 5,
  rate: 12,
  timeLimit: 12 * SECOND,
  meanInterval: 1500 * MILLISECOND,
  // Time for the least service before the first fault that a verdict needs, at this rate.
  quiet: { beginning: 0.12, middle: 0.1, end: 0.2 },
};

/** Three nodes, about 150 operations, about eight faults. @throws RangeError for an unknown workload */
export function randomTest(options: RandomTestOptions): TestSpec {
  return modelTest(TEST, options);
}
