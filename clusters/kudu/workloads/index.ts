/** Kudu's workloads. */
import type { WorkloadDefinition } from '../../../harness/workload.ts';
import { columns } from './columns.ts';
import { ddl, ddlResent } from './ddl.ts';
import { membership } from './membership.ts';
import { readYourWrites } from './read-your-writes.ts';
import { register } from './register.ts';
import { set } from './set.ts';
import { snapshot } from './snapshot.ts';

export const WORKLOADS: readonly WorkloadDefinition[] = [
  register,
  snapshot,
  readYourWrites,
  set,
  membership,
  columns,
  ddl,
  ddlResent,
];
