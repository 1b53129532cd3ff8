/** The host is gone: no process, and silence instead of "connection refused". Data volumes survive. */
import type { Verification } from '../harness/nemesis.ts';
import { startedAgain } from './kill.ts';
import { nodeFault, type NodeTarget } from './node-fault.ts';
import { seeEvent, seeLiveness, seeReachable } from './node-observations.ts';

export const crash = nodeFault({
  kind: 'crash',
  summary: 'the whole host is lost (peers see silence); healed by starting host and server again',
  selectors: ['one', 'minority', 'majority', 'all', 'leader', 'followers'],
  // A lost host takes the cuts in it along, so nobody may cut links there meanwhile.
  about: {
    needs: 'the engine',
    verified:
      "the container's state, the exit that was told, and connects from other nodes that get no answer",
    healed:
      'the container and its server are started again; by the guardian when the harness is gone',
    peers: 'Jepsen (on virtual machines), Chaos Mesh, Pumba',
  },
  resources: ['process', 'network'],
  undo: 'start',
  act: (node) => node.crash(),
  heal: (node) => node.start(),
  inEffect,
  healed: async (target) => {
    const started = await startedAgain(target);
    const reached = await seeReachable(target, true);
    return {
      verified: started.verified && reached.every((one) => one.confirms),
      observations: [...started.observations, ...reached],
    };
  },
});

/** Gone as the testbed sees it, and silent to its peers (or, with no peer left standing to ask, told as lost). */
async function inEffect(target: NodeTarget): Promise<Verification> {
  const liveness = await seeLiveness(target, 'gone');
  const reached = await seeReachable(target, false);
  const event = seeEvent(target, 'node-down');
  const second = reached.length === 0 ? event.confirms : reached.every((one) => one.confirms);
  return { verified: liveness.confirms && second, observations: [liveness, ...reached, event] };
}
