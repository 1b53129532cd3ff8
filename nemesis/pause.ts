/** SIGSTOP of the server and its children: it keeps its connections and its belief in what it was. */
import type { Observation, Verification } from '../harness/nemesis.ts';
import { nodeFault, type NodeTarget } from './node-fault.ts';
import { seeEvent, seeLiveness, seeStopped } from './node-observations.ts';

export const pause = nodeFault({
  kind: 'pause',
  summary:
    'SIGSTOP of the server and its children; healed by SIGCONT (it does not know that it slept)',
  selectors: ['one', 'minority', 'majority', 'all', 'leader', 'followers'],
  about: {
    needs: "nothing beyond the node's supervisor",
    verified:
      'the state of every process of the server, seen by the supervisor and counted from inside the node',
    healed: "SIGCONT; by the node's supervisor when the harness is gone",
    peers: 'Jepsen, Pumba, Blockade (whole containers)',
  },
  resources: ['process'],
  undo: 'resume',
  act: (node) => node.pause(),
  heal: (node) => node.resume(),
  inEffect: async (target) => {
    const liveness = await seeLiveness(target, 'paused');
    const others = await seeOtherwise(target, 'node-paused', true);
    return verdict(liveness, liveness.confirms, others);
  },
  healed: async (target) => {
    const liveness = await seeLiveness(target, 'running');
    const others = await seeOtherwise(target, 'node-resumed', false);
    return verdict(liveness, liveness.seen !== 'paused', [...others, ...seeEnd(target)]);
  },
});

/** What the testbed told, and what the node's own process table says. */
async function seeOtherwise(
  target: NodeTarget,
  event: 'node-paused' | 'node-resumed',
  stopped: boolean,
): Promise<readonly Observation[]> {
  const states = await seeStopped(target, stopped);
  return [seeEvent(target, event), ...(states === null ? [] : [states])];
}

/** A server that another step killed as it was is not paused any more, nor is the one that was started after it. */
function seeEnd({ node, context }: NodeTarget): readonly Observation[] {
  const event = context.lastSeen(node.name);
  if (event?.type !== 'node-down' && event?.type !== 'node-up') return [];
  const seen = `${event.type} at ${event.notAfter} ns`;
  return [{ means: `events of ${node.name}`, seen, confirms: true }];
}

function verdict(
  liveness: Observation,
  state: boolean,
  others: readonly Observation[],
): Verification {
  const verified = state && others.some((other) => other.confirms);
  return { verified, observations: [liveness, ...others] };
}
