/** Who leads, among nodes of which several may say that they do. */
import type { Clock } from './clock.ts';
import { MILLISECOND, type NodeName } from './operation.ts';
import type { Node } from './testbed.ts';

/** Once one node says that it leads, how long the others may take to say that they do, in a later term. */
const RIVALS_LIMIT = 200 * MILLISECOND;

/** The term or epoch in which the node says that it leads; null when it says that it does not, or cannot be asked. */
export type AskWhetherLeading = (
  node: Node,
  signal: AbortSignal,
) => Promise<number | bigint | null>;

/** A node that says it leads, and in which term. */
export interface LeaderClaim {
  readonly node: NodeName;
  readonly term: number | bigint;
}

/** The node that says it leads, by the highest term when several do; null when none says so. Asked as by `claimsOf`. */
export async function findClaimant(
  nodes: readonly Node[],
  ask: AskWhetherLeading,
  clock: Clock,
  signal: AbortSignal,
): Promise<NodeName | null> {
  const claims = [...(await claimsOf(nodes, ask, clock, signal))];
  claims.sort((a, b) => (a.term > b.term ? -1 : Number(a.term < b.term)));
  return claims[0]?.node ?? null;
}

/**
 * All that say they lead, in the order of their answers. Nodes that are paused or gone answer nothing until the signal:
 * they are not waited for, as who leads may be another by then.
 */
export async function claimsOf(
  nodes: readonly Node[],
  ask: AskWhetherLeading,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly LeaderClaim[]> {
  const asking = new AbortController();
  const stop = (): void => asking.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await untilSettled(nodes, ask, clock, asking.signal);
  } finally {
    signal.removeEventListener('abort', stop);
    asking.abort(new Error('the leader is known'));
  }
}

/** Settles when all have answered, or a little after the first that says it leads. */
function untilSettled(
  nodes: readonly Node[],
  ask: AskWhetherLeading,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly LeaderClaim[]> {
  const claims: LeaderClaim[] = [];
  return new Promise((resolve) => {
    const askOne = async (node: Node): Promise<void> => {
      const term = await unlessSilent(ask(node, signal));
      if (term === null) return;
      claims.push({ node: node.name, term });
      if (claims.length === 1) clock.at(clock.now() + RIVALS_LIMIT, () => resolve([...claims]));
    };
    void Promise.all(nodes.map(askOne)).then(() => resolve([...claims])); // Never rejects.
  });
}

async function unlessSilent<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch {
    return null; // Whoever cannot be asked is not known to lead.
  }
}
