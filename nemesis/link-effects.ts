/** What links under rules do to those who use them: dials and datagrams from inside, each with what it should meet. */
import type { FaultContext, Observation } from '../harness/nemesis.ts';
import type { DialOutcome } from '../harness/packet-rules.ts';
import { type Link, linkKey } from '../harness/testbed.ts';
import { sampleOf } from './link-observations.ts';

/** What is looked for on links. */
export type LinkEffect = (
  context: FaultContext,
  links: readonly Link[],
  inForce: boolean,
) => Promise<readonly Observation[]>;

/** An answer of any kind: the way to the peer is open. */
const ANSWERS: readonly DialOutcome[] = ['open', 'refused'];

/** Fresh dials over some of the links. @param met what they meet while it is in force */
export async function seeDials(
  { cluster }: FaultContext,
  links: readonly Link[],
  port: number,
  met: readonly DialOutcome[],
  inForce: boolean,
): Promise<readonly Observation[]> {
  return Promise.all(
    sampleOf(links).map((link) =>
      observe(`dial ${linkKey(link)} port ${port}`, async () => {
        const seen = (await cluster.network.packets?.dial(link, port)) ?? 'silence';
        return { seen, confirms: (inForce ? met : ANSWERS).includes(seen) };
      }),
    ),
  );
}

/** Datagrams over some of the links, which rules about TCP leave alone. */
export async function seeDatagrams(
  { cluster }: FaultContext,
  links: readonly Link[],
  pass: boolean,
): Promise<readonly Observation[]> {
  return Promise.all(
    sampleOf(links).map((link) =>
      observe(`datagram ${linkKey(link)}`, async () => {
        const arrives = await cluster.network.reachable(link);
        return { seen: arrives ? 'arrived' : 'lost', confirms: arrives === pass };
      }),
    ),
  );
}

/** Whether name servers answer the nodes at the other ends. */
export const seeNames: LinkEffect = async ({ cluster }, links, inForce) => {
  const nodes = [...new Set(links.flatMap(({ from, to }) => [from, to]))];
  return Promise.all(
    nodes
      .filter((node) => !node.startsWith('@'))
      .map((node) =>
        observe(`name server asked by ${node}`, async () => {
          const answers = (await cluster.network.packets?.resolves(node)) ?? true;
          return { seen: answers ? 'answers' : 'no answer', confirms: answers !== inForce };
        }),
      ),
  );
};

async function observe(
  means: string,
  look: () => Promise<Omit<Observation, 'means'>>,
): Promise<Observation> {
  try {
    return { means, ...(await look()) };
  } catch (error) {
    // A node that cannot be asked (its host is lost) tells nothing either way.
    const seen = `not tried: ${error instanceof Error ? error.message : String(error)}`;
    return { means, seen, confirms: false };
  }
}
