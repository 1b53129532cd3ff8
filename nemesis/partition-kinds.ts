/** The kinds of partition: which nodes each is about, and which links it cuts for them. */
import type { Fault } from '../harness/nemesis.ts';
import type { NodeName, Value } from '../harness/operation.ts';
import type { Draws } from '../harness/random.ts';
import type { Link } from '../harness/testbed.ts';
import { between, bridge, halves, majoritiesRing, oneWay } from './grudge.ts';

export interface PartitionKind {
  readonly kind: string;
  readonly summary: string;
  readonly selectors: Fault['selectors'];
  /** The fewest nodes it makes sense for. */
  readonly leastNodes: number;
  /** Empty: nothing would be cut. */
  links(choice: PartitionChoice): readonly Link[];
}

export interface PartitionChoice {
  /** What the selector means. */
  readonly selected: readonly NodeName[];
  /** All nodes. */
  readonly nodes: readonly NodeName[];
  readonly draws: Draws;
  readonly parameters: Readonly<Record<string, Value>>;
}

const isolateSelected = ({ selected, nodes }: PartitionChoice): readonly Link[] =>
  between(selected, without(nodes, selected));

export const PARTITION_KINDS: readonly PartitionKind[] = [
  {
    kind: 'partition-halves',
    summary: 'two halves that do not reach each other (a list of nodes: those against the others)',
    selectors: ['all', 'minority', 'majority'],
    leastNodes: 2,
    links: (choice: PartitionChoice): readonly Link[] => {
      if (choice.selected.length < choice.nodes.length) return isolateSelected(choice);
      return between(...halves(choice.draws.shuffle(choice.nodes)));
    },
  },
  {
    kind: 'partition-one',
    summary: 'one node alone, the others together',
    selectors: ['one', 'leader'],
    leastNodes: 2,
    links: isolateSelected,
  },
  {
    kind: 'partition-leader',
    summary: 'the leader alone, the others together',
    selectors: ['leader'],
    leastNodes: 2,
    links: isolateSelected,
  },
  {
    kind: 'partition-majorities-ring',
    summary: 'every node sees a majority, no two see the same',
    selectors: ['all'],
    leastNodes: 3,
    links: ({ nodes, draws }: PartitionChoice): readonly Link[] =>
      majoritiesRing(draws.shuffle(nodes)),
  },
  {
    kind: 'partition-bridge',
    summary: 'two halves that do not reach each other, and one node that reaches both',
    selectors: ['one', 'leader'],
    leastNodes: 3,
    links: ({ selected, nodes, draws }: PartitionChoice): readonly Link[] => {
      const middle = selected.slice(0, 1);
      return bridge([...middle, ...draws.shuffle(without(nodes, middle))]);
    },
  },
  {
    kind: 'partition-one-way',
    summary: 'data flows one way only (parameters: direction "out" or "in"; default: drawn)',
    selectors: ['one', 'minority', 'majority', 'leader', 'followers'],
    leastNodes: 2,
    links: ({ selected, nodes, draws, parameters }: PartitionChoice): readonly Link[] => {
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

function without(nodes: readonly NodeName[], some: readonly NodeName[]): readonly NodeName[] {
  return nodes.filter((node) => !some.includes(node));
}
