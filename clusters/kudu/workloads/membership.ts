/**
 * Tablet servers as the leader master shows them: after a failover it knows all of them again within T. Registers are
 * written and read meanwhile, so that there is service to be judged.
 */
import { ownChecker } from '../../../harness/checker.ts';
import { timeLimit } from '../../../harness/generators/time-limit.ts';
import { SECOND } from '../../../harness/operation.ts';
import type { Workload, WorkloadDefinition, WorkloadOptions } from '../../../harness/workload.ts';
import { tabletServerObserver } from '../servers.ts';
import { register } from './register.ts';

/**
 * Tablet servers report to every master once a second, so that a new leader knows them at once; a master that starts again
 * takes some seconds, and 3 more where one was gone without a word; the rest is for a busy machine.
 */
const RE_REGISTRATION_MS = 10_000;
/** How long it goes on when all is healed: long enough that views are judged, on a busy machine too. */
const QUIET_TIME = 20 * SECOND;

/** The workload `membership`. */
export const membership: WorkloadDefinition = {
  name: 'membership',
  summary: 'tablet servers are registered with the leader master again within 10 s of a failover',
  make: makeMembership,
};

function makeMembership(options: WorkloadOptions): Workload {
  const rows = register.make(options);
  return {
    ...rows,
    name: 'membership',
    finalGenerator: [
      timeLimit(QUIET_TIME, rows.generator),
      ...(rows.finalGenerator === undefined ? [] : [rows.finalGenerator]),
    ],
    checkers: [
      ...rows.checkers,
      ownChecker('checkers/registration/atomic-registration', 'checkAtomicRegistration'),
      ownChecker('checkers/registration/re-registration', 'checkReRegistration', {
        recoveryMs: RE_REGISTRATION_MS,
        masters: options.nodes,
      }),
    ],
    observers: [tabletServerObserver()],
  };
}
