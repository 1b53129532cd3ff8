/** A whole test of the model, everything about it drawn from one seed. */
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import type { TestSpec } from '../../harness/test.ts';
import { type ModelTest, type RandomTestOptions, modelTest } from '../models/model-test.ts';
import { zookeeperSyncModel } from './system.ts';

const TEST: ModelTest = {
  system: zookeeperSyncModel,
  packages: 'kill,crash,pause,partition',
  packagesAtOnce: 2,
  concurrency: 3,
  rate: 10,
  timeLimit: 5 * SECOND,
  meanInterval: 300 * MILLISECOND,
  quiet: { beginning: 0.2, middle: 0, end: 0.2 },
  // By the thousand: a fault that nobody felt is felt in another run.
  leastWork: { before: 5, after: 2, felt: 0 },
  deadline: SECOND,
  // Less than initLimit: a leader that waits for it in vain has been without service for too long.
  recoveryLimit: 2_900 * MILLISECOND,
};

/** Three servers, about 55 operations, eight faults. @throws RangeError for an unknown workload */
export function randomTest(options: RandomTestOptions): TestSpec {
  return modelTest(TEST, options);
}
