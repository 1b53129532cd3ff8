/** A whole test of the model, everything about it drawn from one seed. */
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import type { TestSpec } from '../../harness/test.ts';
import { type ModelTest, type RandomTestOptions, modelTest } from '../models/model-test.ts';
import { registrationModel } from './system.ts';

const TEST: ModelTest = {
  system: registrationModel,
  packages: 'kill,pause,partition,crash',
  packagesAtOnce: 1,
  concurrency: 2,
  rate: 10,
  timeLimit: 2 * SECOND,
  meanInterval: 400 * MILLISECOND,
  quiet: { beginning: 0.3, middle: 0, end: 0.2 },
  // By the thousand: a fault that nobody felt is felt in another run.
  leastWork: { before: 5, after: 2, felt: 0 },
  deadline: SECOND,
};

/** Three masters, two workers, about 45 operations, two faults. @throws RangeError for an unknown workload */
export function randomTest(options: RandomTestOptions): TestSpec {
  return modelTest(TEST, options);
}
