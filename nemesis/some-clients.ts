/**
 * Some connections of clients lost in silence, as when a NAT or a firewall on the way forgets them: both ends take them
 * for alive, nothing passes, and a client that dials again is served.
 */
import type { FaultContext } from '../harness/nemesis.ts';
import { CLIENT_SIDE, type LinkRule } from '../harness/packet-rules.ts';
import { between } from './grudge.ts';
import { seeDials } from './link-effects.ts';
import type { LinkFaultKind } from './link-fault.ts';
import { numberForm, numberOf } from './parameters.ts';
import { aboutRules } from './rule-kinds.ts';
import { drawsOf } from './selector.ts';

const parameters = {
  share: numberForm('how many of the connections, as a share of all; one at least', 0.5, 0, 1),
};

export const someClients: LinkFaultKind = {
  kind: 'partition-some-clients',
  summary: 'some live connections of clients fall silent; others, and new ones, are served',
  about: aboutRules('a new dial from the harness is answered', 'nobody'),
  parameters,
  selectors: ['all', 'one', 'minority', 'majority', 'leader', 'followers'],
  leastNodes: 1,
  links: ({ selected }) => between([CLIENT_SIDE], selected),
  narrow: onConnections,
  example: (to): LinkRule => ({ from: CLIENT_SIDE, to, only: { port: 1 } }),
  effect: () => (context, links) => {
    const inward = links.filter(({ from }) => from === CLIENT_SIDE);
    return seeDials(context, inward, context.peerPort, [], false);
  },
};

/** Drawn among the connections of this moment. @throws when there are none */
async function onConnections(
  context: FaultContext,
  links: readonly LinkRule[],
): Promise<readonly LinkRule[]> {
  const nodes = links.flatMap(({ from, to }) => (from === CLIENT_SIDE ? [to] : []));
  const { packets } = context.cluster.network;
  const found = await Promise.all(
    nodes.map(async (node) => {
      const ports = (await packets?.clientPorts(node)) ?? [];
      return ports.map((port) => ({ node, port }));
    }),
  );
  const live = drawsOf(context).shuffle(found.flat());
  if (live.length === 0) throw new Error(`no client has a connection with ${nodes.join(', ')} now`);
  const share = numberOf(context.step, parameters, 'share');
  return live
    .slice(0, Math.max(1, Math.round(share * live.length)))
    .flatMap(({ node, port }) =>
      between([CLIENT_SIDE], [node]).map((link) => ({ ...link, only: { port } })),
    );
}
