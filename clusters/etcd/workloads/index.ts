/** etcd's workloads. */
import type { WorkloadDefinition } from '../../../harness/workload.ts';
import { listAppend, listAppendSerializableReads } from './list-append.ts';
import { guardedRegister, register, registerRoamingReads } from './register.ts';
import { guardedSet, set } from './set.ts';

export const WORKLOADS: readonly WorkloadDefinition[] = [
  register,
  set,
  listAppend,
  guardedRegister,
  guardedSet,
  listAppendSerializableReads,
  registerRoamingReads,
];
