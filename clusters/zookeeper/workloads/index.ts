/** ZooKeeper's workloads; the first is the default. */
import type { WorkloadDefinition } from '../../../harness/workload.ts';
import { registerWorkload } from './register.ts';
import { creation, creationRetried } from './creation.ts';
import { membership, membershipReadInTwo } from './membership.ts';
import { registration, registrationInTwoSteps, registrationOnce } from './registration.ts';
import { setWorkload } from './set.ts';

export const WORKLOADS: readonly WorkloadDefinition[] = [
  registerWorkload,
  setWorkload,
  registration,
  membership,
  creation,
  registrationInTwoSteps,
  registrationOnce,
  membershipReadInTwo,
  creationRetried,
];
