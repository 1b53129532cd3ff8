/** The words that the schedules of regressions are written in, whatever the system. */
import type { FaultState, FaultStep, Trigger } from '../harness/nemesis.ts';
import type { Nanoseconds, NodeName } from '../harness/operation.ts';

/** A fault on one node, in a lane of its own. */
export function step(
  id: string,
  kind: string,
  node: NodeName,
  trigger: Trigger,
  heal: Trigger,
): FaultStep {
  return { id, lane: id, kind, selector: [node], trigger, heal, draw: 0 };
}

/** A fault on whoever leads when it fires, in a lane of its own. */
export function onLeader(id: string, kind: string, trigger: Trigger, heal: Trigger): FaultStep {
  return { id, lane: id, kind, selector: 'leader', trigger, heal, draw: 0 };
}

/** When another step reaches a state. */
export function reached(id: string, state: FaultState): Trigger {
  return { fault: { id, state } };
}

/** When another step reaches a state, and so long afterwards. */
export function after(id: string, state: FaultState, later: Nanoseconds = 0): Trigger {
  return { then: [reached(id, state), { after: later }] };
}

/** When so many operations of this name were acknowledged, by this node if one is named. */
export function acknowledged(f: string, nth = 1, node?: NodeName): Trigger {
  return { operation: { f, type: 'ok', nth, ...(node === undefined ? {} : { node }) } };
}
