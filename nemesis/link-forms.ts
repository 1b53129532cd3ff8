/** What steps may say of links: written links, groups of nodes, ports. */
import type { ParameterForm } from '../harness/nemesis.ts';
import type { NodeName, Value } from '../harness/operation.ts';
import { CLIENT_SIDE } from '../harness/packet-rules.ts';
import { isNodeEnd, parseLinks } from './grudge.ts';

/** `["n1->n2"]`, in place of the kind's own choice: how a recorded fault is run again on the same links. */
export const linksForm: ParameterForm = {
  meaning: 'the links, each by the direction in which data flows: ["n1->n2"]',
  default: 'chosen by the kind',
  problem: (value) => problemOf(() => parseLinks(value, null)),
  nodesOf: (value) =>
    parseLinks(value, null)
      .flatMap(({ from, to }) => [from, to])
      .filter(isNodeEnd),
};

/** `[["n1","n2"],["n3"]]`. */
export const groupsForm: ParameterForm = {
  meaning:
    'groups of nodes that do not reach each other; a node in none reaches all: [["n1"],["n2","n3"]]',
  default: null,
  problem: (value) => problemOf(() => parseGroups(value)),
  nodesOf: (value) => parseGroups(value).flat(),
};

/** A TCP port. @param fallback in words, or null: it must be given */
export function portForm(meaning: string, fallback: string | null): ParameterForm {
  return {
    meaning,
    default: fallback,
    problem: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535
        ? null
        : `expected a port from 1 to 65535, got ${JSON.stringify(value)}`,
  };
}

/** The end of a link: a node, or the clients' side. */
export function endForm(meaning: string, fallback: string): ParameterForm {
  return {
    meaning,
    default: fallback,
    problem: (value) =>
      typeof value === 'string' && (value === CLIENT_SIDE || /^[^@]/.test(value))
        ? null
        : `expected a node's name or ${CLIENT_SIDE}, got ${JSON.stringify(value)}`,
    nodesOf: (value) => (typeof value === 'string' ? [value].filter(isNodeEnd) : []),
  };
}

/**
 * Two groups of nodes, or more.
 * @throws in words when one is empty, or a node is in two
 */
export function parseGroups(value: Value): readonly (readonly NodeName[])[] {
  if (!Array.isArray(value) || value.length < 2) {
    throw new Error(
      `expected two groups or more, such as [["n1"],["n2","n3"]], got ${JSON.stringify(value)}`,
    );
  }
  const groups = (value as readonly Value[]).map((group, index) => groupOf(group, index));
  const all = groups.flat();
  const twice = all.find((node, index) => all.indexOf(node) !== index);
  if (twice !== undefined) throw new Error(`node "${twice}" is in two groups, or in one twice`);
  return groups;
}

function groupOf(group: Value, index: number): readonly NodeName[] {
  const names = Array.isArray(group) ? (group as readonly Value[]) : null;
  if (names?.length === 0) throw new Error(`group ${index + 1} is empty`);
  if (names === null || !names.every((name) => typeof name === 'string')) {
    throw new Error(`group ${index + 1}: expected a list of nodes, got ${JSON.stringify(group)}`);
  }
  return names;
}

function problemOf(parse: () => unknown): string | null {
  try {
    parse();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
