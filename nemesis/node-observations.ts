/** Ways to see what a node's process is doing, each independent of the others. */
import type { NodeEvent } from '../harness/sightings.ts';
import type { Observation } from '../harness/nemesis.ts';
import type { NodeName } from '../harness/operation.ts';
import { isMachine, type Liveness } from '../harness/testbed.ts';
import type { NodeTarget } from './node-fault.ts';

/** Asks the testbed for the process's state now. */
export async function seeLiveness({ node }: NodeTarget, wanted: Liveness): Promise<Observation> {
  const seen = await node.alive();
  return { means: `process of ${node.name}`, seen, confirms: seen === wanted };
}

/** Whether the testbed has told such an event since the act began. */
export function seeEvent(
  { node, context, since }: NodeTarget,
  wanted: NodeEvent['type'],
): Observation {
  const event = context.lastSeen(node.name);
  const confirms = event !== null && event.type === wanted && event.notAfter >= since;
  const seen = event === null ? 'none' : `${event.type} at ${event.notAfter} ns`;
  return { means: `events of ${node.name}`, seen, confirms };
}

/** Whether the server is another one than before the fault, none, or still the same. */
export function seeIncarnation(
  { node, incarnation }: NodeTarget,
  wanted: 'gone' | 'new' | 'same',
): Observation {
  const now = node.incarnation();
  const is = now === null ? 'gone' : now === incarnation ? 'same' : 'new';
  // One that was gone before is not made gone.
  const confirms = is === wanted && !(is === 'gone' && incarnation === null);
  return {
    means: `incarnation of ${node.name}`,
    seen: `${now} (before: ${incarnation})`,
    confirms,
  };
}

/** Tries to pass data to the node from up to two others that should stand. */
export async function seeReachable(
  { node, context, targets }: NodeTarget,
  wanted: boolean,
): Promise<readonly Observation[]> {
  const others = context.standing().filter((other) => !targets.includes(other));
  return Promise.all(
    others.slice(0, 2).map(async (from: NodeName) => {
      const link = { from, to: node.name };
      const reached = await context.cluster.network.reachable(link, context.peerPort);
      const seen = reached ? 'reached' : 'no answer';
      return { means: `connect ${from}->${node.name}`, seen, confirms: reached === wanted };
    }),
  );
}

/** Counts stopped processes in the node, from inside it; null where the node is no machine. */
export async function seeStopped(
  { node }: NodeTarget,
  wanted: boolean,
): Promise<Observation | null> {
  if (!isMachine(node)) return null;
  const { stdout } = await node.exec(['sh', '-c', 'cat /proc/[0-9]*/stat 2>/dev/null; true']);
  const stopped = stdout.split('\n').filter((line) => /\) [Tt] /u.test(line)).length;
  const seen = `${stopped} stopped processes`;
  return { means: `process states in ${node.name}`, seen, confirms: stopped > 0 === wanted };
}
