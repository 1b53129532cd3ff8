/**
 * The control of kudu-1353: nobody can finish the alteration, and the checker that finds nothing there must say so.
 *
 * netcontrol: no master reaches port 7050, where tablet servers listen; heartbeats, on the masters' port, still arrive, so
 * that every master knows every tablet server. A column is added: acknowledged, and not done while that lasts. It is
 * judged by the masters alone, as if the links between them and tablet servers were not known to be cut; a run's own
 * judgement does not accuse, because it knows. After the heal it is done within 7 s (the back-off of the masters' tasks).
 *
 * flagcontrol (not 1.9.0, whose leader master dies of it): no link is cut; every RPC of every master to a tablet server
 * fails inside of it, by a flag that Kudu's own tests use. Everything is proven alive and linked, and the run's own
 * judgement accuses. Lifting the flag heals nothing: the task has failed for good, and no tablet server has a reason to
 * report. Killing the leader does, within 3 s.
 *
 * Seen in 6 of 6 tries by hand, on 1.9.0 and 1.18.1.
 */
import { kudu } from '../clusters/kudu/system.ts';
import { FAIL_TABLET_SERVER_RPCS } from '../clusters/kudu/master/flag-operations.ts';
import { TABLET_SERVER_PORT } from '../clusters/kudu/tablet/requests.ts';
import {
  administrator,
  alterationOf,
  COMPLETION_MS,
  completionCheckers,
  creationOf,
  EXACTLY_ONCE_CHECKERS,
  LIST,
} from '../clusters/kudu/workloads/ddl.ts';
import type { LifeStep } from '../clusters/kudu/workloads/lives.ts';
import type { FaultStep, Trigger } from '../harness/nemesis.ts';
import { MILLISECOND, SECOND } from '../harness/operation.ts';
import type { Workload } from '../harness/workload.ts';
import { ADMINISTRATOR, ALTERED, done, MASTERS, RENAMED, STALL_BOUND_MS } from './kudu-steps.ts';
import type { Regression } from './regression.ts';
import { onLeader } from './steps.ts';

const TABLE = 'altered';
/** Between the fault and the alteration. */
const BEFORE = 2 * SECOND;
/** Each stall of the harness prolongs what is waited for; on a busy machine by some 8 s in all. */
const STUCK_MS = COMPLETION_MS + 10_000;
const LONG_ENOUGH = BEFORE + STUCK_MS * MILLISECOND;

export const kudu1353Control: Regression = {
  name: 'kudu-1353-control',
  title: 'control: an alteration that no master can carry out is told to be late',
  issue: 'https://issues.apache.org/jira/browse/KUDU-1353',
  seed: '002',
  system: kudu,
  rows: [
    ...['1.9.0', '1.17.1', '1.18.1'].map((version) => ({
      ...{ name: `${version} netcontrol`, version, expected: 'hit' as const },
      workload: netWorkload,
      schedule: netSchedule,
    })),
    ...['1.17.1', '1.18.1'].map((version) => ({
      ...{ name: `${version} flagcontrol`, version, expected: 'hit' as const },
      workload: flagWorkload,
      schedule: flagSchedule,
    })),
  ],
  quick: ['1.18.1 netcontrol'],
  anomalies: ['not-completed-in-time'],
  rate: 0.95,
  attempts: 3,
  concurrency: 2,
  timeLimit: 120 * SECOND,
  deadline: 5 * SECOND,
  // So long it takes after the heal at most.
  rest: 8 * SECOND,
  stallBoundMs: STALL_BOUND_MS,
  workload: netWorkload,
  schedule: netSchedule,
};

function netWorkload(): Workload {
  const steps = [...creationOf(TABLE), LIST, { wait: BEFORE }, ...alterationOf(TABLE), done(TABLE)];
  return administrator('ddl', [steps], checkersBy(MASTERS));
}

function netSchedule(): readonly FaultStep[] {
  const ready: Trigger = { operation: { f: 'list', type: 'ok', node: ADMINISTRATOR } };
  return [
    {
      ...{ id: 'unheard', lane: 'unheard', kind: 'partition-port', selector: MASTERS, draw: 0 },
      parameters: { port: TABLET_SERVER_PORT },
      trigger: ready,
      heal: { after: LONG_ENOUGH },
    },
  ];
}

function flagWorkload(): Workload {
  const flag = (value: string): LifeStep => ({
    until: { f: 'set-flag', value: { flag: FAIL_TABLET_SERVER_RPCS, value, on: 'all' } },
  });
  const asked = { f: 'look', value: { id: `${TABLE}.c1`, table: TABLE, column: 'c1' } };
  const [alter, look] = alterationOf(TABLE) as readonly [LifeStep, LifeStep];
  const waiting = Array.from({ length: STUCK_MS / 500 }, (): readonly LifeStep[] => [
    { once: asked },
    { wait: 500 * MILLISECOND },
  ]);
  const steps = [
    ...[...creationOf(TABLE), flag('true'), alter, ...waiting.flat()],
    ...[flag('false'), { wait: 3 * SECOND }, { once: asked }, LIST, look, done(TABLE)],
  ];
  return administrator('ddl', [steps], checkersBy([]));
}

function flagSchedule(): readonly FaultStep[] {
  const lifted: Trigger = { operation: { f: 'list', type: 'ok', node: ADMINISTRATOR } };
  return [afterwards({ then: [ALTERED, lifted, { after: 0 }] })];
}

/** @param quorumOf none: what service needs */
function checkersBy(quorumOf: readonly string[]): Workload['checkers'] {
  const among = quorumOf.length === 0 ? {} : { quorumOf };
  const bounds = { alter: COMPLETION_MS, stallBoundMs: STALL_BOUND_MS, ...among };
  return [...completionCheckers(bounds), ...EXACTLY_ONCE_CHECKERS];
}

/** The leader dies and comes back: a failover when all is over. */
function afterwards(trigger: Trigger): FaultStep {
  const heal: Trigger = { or: [RENAMED, { after: 10 * SECOND }] };
  return onLeader('kill', 'kill', trigger, heal);
}
