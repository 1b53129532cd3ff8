/** Which links a shape is put on: named by the direction in which data flows, whoever dialled. */
import type { FaultContext, ParameterForm, Targets } from '../harness/nemesis.ts';
import type { NodeName, Value } from '../harness/operation.ts';
import type { Link } from '../harness/testbed.ts';
import { between, formatLinks, oneWay, parseLinks } from './grudge.ts';
import { choiceForm, textOf } from './parameters.ts';
import { drawsOf, requireNodes, selectNodes } from './selector.ts';

/** What a step may say of its links. */
export const LINK_FORMS: Readonly<Record<string, ParameterForm>> = {
  links: {
    meaning: 'directed links, ["n1->n2"], in place of those of the selected nodes',
    default: 'those of the selected nodes',
    problem: (value) => (isLinkList(value) ? null : 'expected a list such as ["n1->n2"]'),
  },
  direction: choiceForm(
    'what the selected nodes send, what they receive, or both',
    ['out', 'in', 'both'],
    'both',
  ),
};

/** The links, with both ends' networks claimed. Null: nothing fits now. */
export async function resolveLinks(context: FaultContext): Promise<Targets | null> {
  const { step, cluster } = context;
  const nodes = cluster.nodes.map((node) => node.name);
  const written = step.parameters?.['links'];
  if (written !== undefined) {
    const named = typeof step.selector === 'string' ? [] : requireNodes(step.selector, nodes);
    return targetsOf(parseLinks(written, nodes), named);
  }
  const selected = await selectNodes(step.selector, context, drawsOf(context));
  if (selected === null) return null;
  const links = linksOfNodes(selected, nodes, textOf(step, LINK_FORMS, 'direction'));
  return links.length === 0 ? null : targetsOf(links, selected);
}

/** Between these nodes and the others; when they are all there are, among them. */
export function linksOfNodes(
  selected: readonly NodeName[],
  nodes: readonly NodeName[],
  direction: string,
): readonly Link[] {
  const others = nodes.filter((node) => !selected.includes(node));
  if (others.length === 0) return oneWay(nodes, nodes);
  if (direction === 'out') return oneWay(selected, others);
  return direction === 'in' ? oneWay(others, selected) : between(selected, others);
}

/** The links that `resolveLinks` chose. */
export function chosenLinks({ detail }: Targets, { cluster }: FaultContext): readonly Link[] {
  const { links } = detail as { readonly links: readonly string[] };
  return parseLinks(
    links,
    cluster.nodes.map((node) => node.name),
  );
}

function targetsOf(links: readonly Link[], selected: readonly NodeName[]): Targets {
  const ends = [...new Set(links.flatMap(({ from, to }) => [from, to]))].sort();
  return {
    nodes: selected.length === 0 ? ends : selected,
    claims: ends.map((node) => ({ node, resource: 'network' })),
    detail: { links: formatLinks(links) },
  };
}

function isLinkList(value: Value): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    (value as readonly Value[]).every((item) => typeof item === 'string' && item.includes('->'))
  );
}
