/** What is particular to the schedules of Alluxio's regressions. */
import { RPC_PORT } from '../clusters/alluxio/servers.ts';
import type { FaultStep, Trigger } from '../harness/nemesis.ts';
import type { Nanoseconds, Value } from '../harness/operation.ts';
import { reached } from './steps.ts';

/** Packets of workers to masters that hold a call's name, or are as long as one, do not get through. */
export function workersCallsDropped(
  id: string,
  call: { readonly [name in 'holds' | 'length']?: Value },
  trigger: Trigger,
  heal: Trigger,
): FaultStep {
  const parameters = { ...call, port: RPC_PORT };
  const selector = ['w1', 'w2'];
  return { id, lane: id, kind: 'drop-call', selector, parameters, trigger, heal, draw: 0 };
}

/** When another leader is seen after a step has struck, and so long afterwards. */
export function succeeded(id: string, later: Nanoseconds): Trigger {
  return { then: [reached(id, 'fired'), { leaderChange: {} }, { after: later }] };
}
