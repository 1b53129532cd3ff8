/** SIGKILL of the server process. The node's address stays, so that peers get "connection refused" at once. */
import type { Verification } from '../harness/nemesis.ts';
import { nodeFault, type NodeTarget } from './node-fault.ts';
import { seeEvent, seeIncarnation, seeLiveness } from './node-observations.ts';
import { flagForm, parameterOf } from './parameters.ts';

const FORMS = {
  asItIs: flagForm(
    'whether the server is killed as it is, even while another step has it paused (as a hung one by its watchdog), ' +
      'instead of when that step has healed',
    false,
  ),
};

export const kill = nodeFault({
  kind: 'kill',
  summary:
    'SIGKILL of the server process; healed by starting it again (peers see "connection refused")',
  selectors: ['one', 'minority', 'majority', 'all', 'leader', 'followers'],
  about: {
    needs:
      "nothing beyond the node's supervisor; with root on the engine's host the signal goes by host pid",
    verified: "the process's state, and its incarnation or the exit that the supervisor told",
    healed:
      "the server is started again; by the node's supervisor or the guardian when the harness is gone",
    peers: "Jepsen, Chaos Mesh, Pumba, Blockade, etcd's robustness tests",
  },
  resources: ['process'],
  parameters: FORMS,
  unclaimed: (step) => (parameterOf(step, FORMS, 'asItIs') === true ? ['process'] : []),
  undo: 'start',
  act: (node) => node.kill(),
  heal: (node) => node.start(),
  inEffect: async (target) => {
    const liveness = await seeLiveness(target, 'dead');
    return confirmedTwice(liveness.confirms, [
      liveness,
      seeIncarnation(target, 'gone'),
      seeEvent(target, 'node-down'),
    ]);
  },
  healed: startedAgain,
});

/**
 * Started again: another incarnation, and running. A server that was started and died by itself is healed too: its
 * death is its own, and judged elsewhere; and so is one that never went down, because the act did nothing.
 */
export async function startedAgain(target: NodeTarget): Promise<Verification> {
  const liveness = await seeLiveness(target, 'running');
  const same = seeIncarnation(target, 'same');
  if (liveness.confirms && same.confirms) return { verified: true, observations: [liveness, same] };
  const last = target.context.lastSeen(target.node.name);
  const diedItself = last?.type === 'node-down' && !last.expected && last.notBefore >= target.since;
  return confirmedTwice(liveness.confirms || diedItself, [
    liveness,
    seeIncarnation(target, 'new'),
    seeEvent(target, diedItself ? 'node-down' : 'node-up'),
  ]);
}

/** Verified by the process's state and by at least one of the means that do not ask for it. */
function confirmedTwice(state: boolean, observations: Verification['observations']): Verification {
  return { verified: state && observations.slice(1).some((other) => other.confirms), observations };
}
