/** Faults of links that stop some of what passes, or refuse it: by rules finer than a whole link. */
import type { FaultAbout, FaultContext } from '../harness/nemesis.ts';
import type { NodeName } from '../harness/operation.ts';
import {
  CLIENT_SIDE,
  type LinkRule,
  NAME_SERVER,
  type RuleAction,
} from '../harness/packet-rules.ts';
import type { Link } from '../harness/testbed.ts';
import { between, oneWay } from './grudge.ts';
import { seeDatagrams, seeDials, seeNames } from './link-effects.ts';
import type { LinkChoice, LinkFaultKind } from './link-fault.ts';
import { portForm } from './link-forms.ts';
import { choiceForm, parameterOf } from './parameters.ts';

/** What they have in common, in the words of their documentation. */
export function aboutRules(verified: string, peers: string): FaultAbout {
  return {
    needs: 'iptables in the image or in a container beside it (the engine gives NET_ADMIN)',
    verified: `rules read back from the nodes; ${verified}; packets counted by the rules`,
    healed:
      'the rules of all other faults are put whole; gone with the harness: own chains emptied',
    peers,
  };
}

export function othersThan(
  some: readonly NodeName[],
  nodes: readonly NodeName[],
): readonly NodeName[] {
  return nodes.filter((node) => !some.includes(node));
}

const bothWays = ({ selected, nodes }: LinkChoice): readonly Link[] =>
  between(selected, othersThan(selected, nodes));

const direction = choiceForm(
  'whether the nodes cannot dial, or cannot be dialled',
  ['out', 'in'],
  'drawn',
);

const dials: LinkFaultKind = {
  kind: 'partition-connections',
  summary: 'one way for connections: new ones cannot be opened, live ones go on',
  about: aboutRules('a dial meets silence, a datagram arrives', 'nobody'),
  parameters: { direction },
  selectors: ['one', 'minority', 'majority', 'leader', 'followers'],
  leastNodes: 2,
  links: ({ selected, nodes, draws, parameters }) => {
    const drawn = draws.next() < 0.5 ? 'out' : 'in';
    const others = othersThan(selected, nodes);
    const way = parameters['direction'] ?? drawn;
    return way === 'out' ? oneWay(selected, others) : oneWay(others, selected);
  },
  rule: () => ({ only: { dials: true } }),
  example: (from, to) => ({ from, to, only: { dials: true } }),
  effect: () => async (context, links, inForce) => [
    ...(await seeDials(context, links, context.peerPort, ['silence'], inForce)),
    ...(await seeDatagrams(context, links, true)),
  ],
};

const answer = choiceForm('what senders are told', ['reset', 'unreachable'], 'reset');

function refusalOf({ step }: FaultContext): RuleAction {
  return parameterOf(step, { answer }, 'answer') === 'unreachable' ? 'unreachable' : 'reset';
}

const reject: LinkFaultKind = {
  kind: 'partition-reject',
  summary: 'nodes cut off that hear of it: dials are refused and live connections reset at once',
  about: aboutRules('a dial is refused or unreachable, a datagram is lost', 'nobody'),
  parameters: { answer },
  selectors: ['one', 'minority', 'majority', 'leader'],
  leastNodes: 2,
  links: bothWays,
  rule: (context) => ({ action: refusalOf(context) }),
  example: (from, to) => ({ from, to, action: 'reset' }),
  effect: (context) => async (of, links, inForce) => {
    const met = refusalOf(context) === 'reset' ? 'refused' : 'unreachable';
    const dialled = await seeDials(of, links, of.peerPort, [met], inForce);
    return [...dialled, ...(await seeDatagrams(of, links, !inForce))];
  },
};

const port = portForm('the TCP port, at either end of a connection', 'where peers listen');

function portOf({ step, peerPort }: FaultContext): number {
  const written = parameterOf(step, { port }, 'port');
  return typeof written === 'number' ? written : peerPort;
}

const onePort: LinkFaultKind = {
  kind: 'partition-port',
  summary: 'nodes cut off on one TCP port only (parameter: port)',
  about: aboutRules('a dial of that port meets silence, a datagram arrives', 'Chaos Mesh'),
  parameters: { port },
  selectors: ['one', 'minority', 'majority', 'leader', 'all'],
  leastNodes: 2,
  links: (choice) =>
    choice.selected.length === choice.nodes.length
      ? oneWay(choice.nodes, choice.nodes)
      : bothWays(choice),
  rule: (context) => ({ only: { port: portOf(context) } }),
  example: (from, to) => ({ from, to, only: { port: 1 } }),
  effect: (context) => async (of, links, inForce) => [
    ...(await seeDials(of, links, portOf(context), ['silence'], inForce)),
    ...(await seeDatagrams(of, links, true)),
  ],
};

const clients: LinkFaultKind = {
  kind: 'partition-clients',
  summary: 'clients and observers do not reach the nodes, which reach each other',
  about: aboutRules('a dial from the harness meets silence', 'nobody'),
  selectors: ['one', 'minority', 'majority', 'leader', 'followers', 'all'],
  leastNodes: 1,
  links: ({ selected }) => between([CLIENT_SIDE], selected),
  rule: () => ({}),
  example: (to): LinkRule => ({ from: CLIENT_SIDE, to }),
  effect: () => (context, links, inForce) => {
    const inward = links.filter(({ from }) => from === CLIENT_SIDE);
    return seeDials(context, inward, context.peerPort, ['silence'], inForce);
  },
};

const names: LinkFaultKind = {
  kind: 'dns',
  summary: 'names do not resolve (parameter: answer)',
  about: aboutRules('a question to the name server has no answer', 'Chaos Mesh'),
  parameters: {
    answer: choiceForm('what becomes of questions', ['drop', 'reset'], 'drop'),
  },
  selectors: ['one', 'minority', 'majority', 'leader', 'all'],
  leastNodes: 1,
  links: ({ selected }) => selected.map((from) => ({ from, to: NAME_SERVER })),
  rule: ({ step }) => ({ action: step.parameters?.['answer'] === 'reset' ? 'reset' : 'drop' }),
  example: (from): LinkRule => ({ from, to: NAME_SERVER }),
  effect: () => seeNames,
};

export const RULE_KINDS: readonly LinkFaultKind[] = [dials, reject, onePort, clients, names];
