/** A whole test of the model, everything about it drawn from one seed. */
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import type { TestSpec } from '../../harness/test.ts';
import { type ModelTest, type RandomTestOptions, modelTest } from '../models/model-test.ts';
import { kuduMasterModel } from './system.ts';

const TEST: ModelTest = {
  system: kuduMasterModel,
  packages: 'kill,pause,partition,crash',
  packagesAtOnce: 2,
  concurrency: 3,
  rate: 6,
  timeLimit: 9 * SECOND,
  meanInterval: 800 * MILLISECOND,
  // Long enough for an alteration to have to be done.
  quiet: { beginning: 0.15, middle: 0, end: 0.5 },
  // By the thousand: a fault that nobody felt is felt in another run.
  leastWork: { before: 3, after: 5, felt: 0 },
  deadline: SECOND,
};

/** Three masters, three tablet servers, about 60 operations, four faults. @throws RangeError for an unknown workload */
export function randomTest(options: RandomTestOptions): TestSpec {
  return modelTest(TEST, options);
}
