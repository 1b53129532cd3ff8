/**
 * KUDU-1537: an administrative operation that is sent again because nobody answered is done, and answered with an error.
 *
 * Cause (src/kudu/master/master.proto): no DDL method has `track_rpc_result`, so that a master does not know a request
 * again. The second attempt meets what the first one did: a table that is there already, or is gone, a column that exists.
 * Kudu's own clients resend inside and hand that error on. Found in every version; not fixed.
 *
 * Schedule, for each of create, rename, add column and delete: what masters send to clients is lost for 2.5 s (what
 * clients send arrives), the operation is sent 0.7 s after that began, is not answered for 1.5 s, and is sent again
 * when answers come through. No crash, no election. The client resends on purpose, as Kudu's does; with the workloads'
 * usual client, which sends once, the outcome is unknown and nothing is wrong.
 *
 * Hits by hand 28 of 28, over 1.9.0, 1.17.1 and 1.18.1.
 */
import { kudu } from '../clusters/kudu/system.ts';
import { MASTER_PORT } from '../clusters/kudu/master/requests.ts';
import {
  administrator,
  creationOf,
  EXACTLY_ONCE_CHECKERS,
  LIST,
} from '../clusters/kudu/workloads/ddl.ts';
import type { LifeStep } from '../clusters/kudu/workloads/lives.ts';
import type { FaultStep } from '../harness/nemesis.ts';
import { type Invocation, MILLISECOND, SECOND } from '../harness/operation.ts';
import type { Regression } from './regression.ts';

const ADMINISTRATOR = 'm1';
const LOST = 2.5 * SECOND;
/** Longer than the rules take to be there, shorter than the loss. */
const SENT_AFTER = 700 * MILLISECOND;

/** Each is done with a table of its own; what it needs is there before. */
const CHANGES: Readonly<Record<string, readonly [ready: readonly LifeStep[], Invocation]>> = {
  create: [[], { f: 'create', value: { id: 'created' } }],
  rename: [creationOf('before'), { f: 'rename', value: { id: 'after', was: 'before' } }],
  alter: [
    creationOf('altered'),
    { f: 'alter', value: { id: 'altered.c1', table: 'altered', column: 'c1' } },
  ],
  delete: [creationOf('deleted'), { f: 'delete', value: { id: 'deleted' } }],
};

/** Found on all three: the oldest that can be had, and both branches' newest. */
export const kudu1537: Regression = {
  name: 'kudu-1537',
  title: 'a change of tables is done and answered with an error, when it had to be sent again',
  issue: 'https://issues.apache.org/jira/browse/KUDU-1537',
  seed: '002',
  system: kudu,
  affected: ['1.9.0', '1.17.1', '1.18.1'],
  quick: ['1.18.1'],
  anomalies: ['applied-but-failed'],
  rate: 0.95,
  attempts: 3,
  concurrency: 2,
  timeLimit: 60 * SECOND,
  deadline: 10 * SECOND,
  rest: 5 * SECOND,
  // One life each: a change that is answered with an error ends its own, and the next begins.
  workload: () =>
    administrator(
      'ddl-resent',
      Object.values(CHANGES).map(([ready, change]) => [
        ...ready,
        ...[LIST, { wait: SENT_AFTER }, { once: change }],
      ]),
      EXACTLY_ONCE_CHECKERS,
    ),
  schedule: () => Object.keys(CHANGES).map(loseAnswers),
};

/** In one lane: the list that each waits for is the first after the one before has healed. */
function loseAnswers(change: string, draw: number): FaultStep {
  return {
    id: `unanswered-${change}`,
    lane: 'unanswered',
    kind: 'drop-call',
    selector: 'all',
    parameters: { to: '@clients', port: MASTER_PORT, length: [1, 65_535] },
    trigger: { operation: { f: 'list', type: 'ok', node: ADMINISTRATOR } },
    heal: { after: LOST },
    draw,
  };
}
