/** The words that the schedules of Alluxio's regressions are written in. */
import { RPC_PORT } from '../clusters/alluxio/servers.ts';
import type { FaultState, FaultStep, Trigger } from '../harness/nemesis.ts';
import type { Nanoseconds, Value } from '../harness/operation.ts';

/** Whoever leads when it fires. */
export function onLeader(
  id: string,
  kind: 'kill' | 'pause',
  trigger: Trigger,
  heal: Trigger,
): FaultStep {
  return { id, lane: id, kind, selector: 'leader', trigger, heal, draw: 0 };
}

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

/** When another step reaches a state, and so long afterwards. */
export function after(id: string, state: FaultState, later: Nanoseconds = 0): Trigger {
  return { then: [{ fault: { id, state } }, { after: later }] };
}

/** When another leader is seen after a step has struck, and so long afterwards. */
export function succeeded(id: string, later: Nanoseconds): Trigger {
  return { then: [{ fault: { id, state: 'fired' } }, { leaderChange: {} }, { after: later }] };
}
