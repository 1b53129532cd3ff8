/** etcd's workloads. */
import type { WorkloadDefinition } from '../../../harness/workload.ts';
import { backups, backupsUnguarded } from './backups.ts';
import { compaction } from './compaction.ts';
import { listAppend, listAppendSerializableReads } from './list-append.ts';
import { guardedRegister, register } from './register.ts';
import { lock, lockWithoutFencing } from './lock.ts';
import { registerRoamingReads } from './roaming-reads.ts';
import { guardedSet, set, setLookingAhead } from './set.ts';
import { watch, watchFromNow } from './watch.ts';

export const WORKLOADS: readonly WorkloadDefinition[] = [
  register,
  set,
  listAppend,
  backups,
  watch,
  compaction,
  guardedRegister,
  guardedSet,
  setLookingAhead,
  lock,
  listAppendSerializableReads,
  registerRoamingReads,
  backupsUnguarded,
  watchFromNow,
  lockWithoutFencing,
];
