/** The kinds of partition: which nodes each is about, and which links it cuts for them. */
import type { FaultAbout } from '../harness/nemesis.ts';
import type { NodeName } from '../harness/operation.ts';
import type { Link } from '../harness/testbed.ts';
import {
  amongGroups,
  between,
  bridge,
  halves,
  lessThanThird,
  majoritiesRing,
  oneWay,
  randomGraph,
} from './grudge.ts';
import type { LinkChoice, LinkFaultKind } from './link-fault.ts';
import { groupsForm, parseGroups } from './link-forms.ts';
import { choiceForm, numberForm } from './parameters.ts';
import { requireNodes } from './selector.ts';

/** What they have in common, in the words of their documentation. */
function about(peers: string): FaultAbout {
  return {
    needs:
      "iptables in the image, or root on the engine's host and bridged packets that pass its filters",
    verified: 'rules read back; connects and datagrams from inside; packets counted by the rules',
    healed:
      'the rules of all other faults are put whole; gone with the harness: own chains emptied',
    peers,
  };
}

const isolateSelected = ({ selected, nodes }: LinkChoice): readonly Link[] =>
  between(selected, without(nodes, selected));

export const PARTITION_KINDS: readonly LinkFaultKind[] = [
  {
    kind: 'partition-halves',
    about: about('Jepsen, Chaos Mesh, Blockade, Antithesis'),
    summary: 'two halves that do not reach each other (a list of nodes: those against the others)',
    selectors: ['all', 'minority', 'majority'],
    leastNodes: 2,
    links: (choice: LinkChoice): readonly Link[] => {
      if (choice.selected.length < choice.nodes.length) return isolateSelected(choice);
      return between(...halves(choice.draws.shuffle(choice.nodes)));
    },
  },
  {
    kind: 'partition-one',
    about: about('Jepsen, Chaos Mesh, Blockade'),
    summary: 'one node alone, the others together',
    selectors: ['one', 'leader'],
    leastNodes: 2,
    links: isolateSelected,
  },
  {
    kind: 'partition-leader',
    about: about('Jepsen (primaries)'),
    summary: 'the leader alone, the others together',
    selectors: ['leader'],
    leastNodes: 2,
    links: isolateSelected,
  },
  {
    kind: 'partition-majorities-ring',
    about: about('Jepsen'),
    summary: 'every node sees a majority, no two see the same',
    selectors: ['all'],
    leastNodes: 3,
    links: ({ nodes, draws }: LinkChoice): readonly Link[] => majoritiesRing(draws.shuffle(nodes)),
  },
  {
    kind: 'partition-bridge',
    about: about('Jepsen'),
    summary: 'two halves that do not reach each other, and one node that reaches both',
    selectors: ['one', 'leader'],
    leastNodes: 3,
    links: ({ selected, nodes, draws }: LinkChoice): readonly Link[] => {
      const middle = selected.slice(0, 1);
      return bridge([...middle, ...draws.shuffle(without(nodes, middle))]);
    },
  },
  {
    kind: 'partition-one-way',
    about: about('Chaos Mesh, Antithesis'),
    summary: 'data flows one way only (parameters: direction "out" or "in"; default: drawn)',
    selectors: ['one', 'minority', 'majority', 'leader', 'followers'],
    parameters: {
      direction: choiceForm(
        'whether the nodes are not heard, or do not hear',
        ['out', 'in'],
        'drawn',
      ),
    },
    leastNodes: 2,
    links: ({ selected, nodes, draws, parameters }: LinkChoice): readonly Link[] => {
      const drawn = draws.next() < 0.5 ? 'out' : 'in';
      const direction = parameters['direction'] ?? drawn;
      if (direction !== 'out' && direction !== 'in') {
        throw new Error(`direction: expected "out" or "in", got ${JSON.stringify(direction)}`);
      }
      const others = without(nodes, selected);
      return direction === 'out' ? oneWay(selected, others) : oneWay(others, selected);
    },
  },
];

/** Shapes beyond those that random partitions are drawn from. */
export const MORE_PARTITION_KINDS: readonly LinkFaultKind[] = [
  {
    kind: 'partition-random-graph',
    summary: 'each pair of nodes parted with one chance (parameter: share; default: drawn)',
    about: about('nobody'),
    parameters: {
      share: numberForm('chance of each pair to be parted; 0: drawn from 0.2 to 0.8', 0, 0, 1),
    },
    selectors: ['all'],
    leastNodes: 2,
    links: ({ nodes, draws, parameters }: LinkChoice): readonly Link[] => {
      const drawn = draws.between(0.2, 0.8);
      const share = parameters['share'];
      return randomGraph(nodes, typeof share === 'number' && share > 0 ? share : drawn, draws);
    },
  },
  {
    kind: 'partition-explicit',
    summary: 'written groups that do not reach each other (parameter: groups)',
    about: about('Jepsen, Blockade, Antithesis'),
    parameters: { groups: groupsForm },
    selectors: ['all'],
    leastNodes: 2,
    links: ({ nodes, parameters }: LinkChoice): readonly Link[] => {
      const groups = parseGroups(parameters['groups'] ?? null);
      requireNodes(groups.flat(), nodes);
      return amongGroups(groups);
    },
  },
  {
    kind: 'partition-minority-third',
    summary: 'fewer than a third of the nodes (one at least), the others together',
    about: about('Jepsen'),
    selectors: ['all'],
    leastNodes: 2,
    links: ({ nodes, draws }: LinkChoice): readonly Link[] => {
      const some = draws.shuffle(nodes).slice(0, lessThanThird(nodes.length));
      return between(some, without(nodes, some));
    },
  },
];

function without(nodes: readonly NodeName[], some: readonly NodeName[]): readonly NodeName[] {
  return nodes.filter((node) => !some.includes(node));
}
