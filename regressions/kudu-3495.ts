/**
 * KUDU-3495: an upsert by a client that does not know of a new column resets that column.
 *
 * Cause (to 1.17.0, src/kudu/common/row_operations.cc): where a row is projected from the client's schema to the tablet's,
 * the bitmap of the columns that are set is not initialised for the new ones; whether a column counts as set (to its
 * default) is what the memory held before. Fixed in 1.17.1 (commit 3f10f3e25).
 *
 * No fault. A table is made and gets a column; then some clients' operations, by turns, upsert a row with that column set
 * and upsert it through the schema of before, one row a request; at the end the column is read in all 60 rows. Which rows
 * are reset is chance, 20 to 50 of 100 upserts: by hand 41 and 79 of 200 on 1.17.0, 98 of 200 on 1.9.0, none of 200 on
 * 1.17.1 and 1.18.1. So no attempt of affected versions can miss.
 */
import { kudu } from '../clusters/kudu/system.ts';
import { columns } from '../clusters/kudu/workloads/columns.ts';
import { SECOND } from '../harness/operation.ts';
import type { Regression } from './regression.ts';

const CLIENTS = 3;
/** Operations a second: some hundred upserts in the time of a run. */
const RATE = 100;

/** Found on 1.9.0 and 1.17.0, absent from 1.17.1. */
export const kudu3495: Regression = {
  name: 'kudu-3495',
  title: 'an upsert through an older schema resets a column that was added since (no fault)',
  issue: 'https://issues.apache.org/jira/browse/KUDU-3495',
  system: kudu,
  affected: ['1.9.0', '1.17.0'],
  clean: ['1.17.1', '1.18.1'],
  quick: ['1.17.0', '1.17.1'],
  anomalies: ['lost-acknowledged-write'],
  rate: 0.95,
  attempts: 3,
  concurrency: CLIENTS,
  timeLimit: 30 * SECOND,
  deadline: 5 * SECOND,
  rest: 5 * SECOND,
  workload: () => columns.make({ nodes: ['m1', 'm2', 'm3'], concurrency: CLIENTS, rate: RATE }),
  schedule: () => [],
};
