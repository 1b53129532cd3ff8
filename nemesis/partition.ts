/**
 * Partitions: links cut. Every kind takes a written parameter `links` (`["n1->n2"]`) in place of its own choice, which
 * is how a recorded partition is run again on the same nodes.
 */
import type { Armed, Fault, FaultContext, Targets, Verification } from '../harness/nemesis.ts';
import type { NodeName } from '../harness/operation.ts';
import { type Link, linkKey } from '../harness/testbed.ts';
import type { Undo } from '../harness/undo.ts';
import { Acts } from './acts.ts';
import { formatLinks, parseLinks } from './grudge.ts';
import {
  seeDropped,
  seeReachable,
  seeRules,
  seeRulesGone,
  untilSettled,
} from './link-observations.ts';
import { PARTITION_KINDS, type PartitionKind } from './partition-kinds.ts';
import { drawsOf, requireNodes, selectNodes } from './selector.ts';

export const partitions: readonly Fault[] = PARTITION_KINDS.map(partition);

function partition(kind: PartitionKind): Fault {
  return {
    kind: kind.kind,
    summary: kind.summary,
    selectors: kind.selectors,
    unavailable: ({ nodes }) =>
      nodes.length < kind.leastNodes
        ? `${kind.kind} needs at least ${kind.leastNodes} nodes, there are ${nodes.length}`
        : null,
    resolve: (context) => resolve(kind, context),
    prepare: async (context, targets) => {
      const links = linksOf(targets, context);
      return new ArmedPartition(context, links, await context.cluster.network.dropped());
    },
  };
}

async function resolve(kind: PartitionKind, context: FaultContext): Promise<Targets | null> {
  const { step, cluster } = context;
  const nodes = cluster.nodes.map((node) => node.name);
  const parameters = step.parameters ?? {};
  if (parameters['links'] !== undefined) {
    const named = typeof step.selector === 'string' ? [] : requireNodes(step.selector, nodes);
    return targetsOf(parseLinks(parameters['links'], nodes), named);
  }
  const draws = drawsOf(context);
  const selected = await selectNodes(step.selector, context, draws);
  if (selected === null) return null;
  const links = kind.links({ selected, nodes, draws, parameters });
  return links.length === 0 ? null : targetsOf(links, selected);
}

function targetsOf(links: readonly Link[], selected: readonly NodeName[]): Targets {
  const ends = [...new Set(links.flatMap(({ from, to }) => [from, to]))].sort();
  return {
    nodes: selected.length === 0 ? ends : selected,
    claims: ends.map((node) => ({ node, resource: 'network' })),
    detail: { links: formatLinks(links) },
  };
}

function linksOf({ detail }: Targets, { cluster }: FaultContext): readonly Link[] {
  const { links } = detail as { readonly links: readonly string[] };
  const nodes = cluster.nodes.map((node) => node.name);
  return parseLinks(links, nodes);
}

class ArmedPartition implements Armed {
  readonly undo: Undo;
  readonly #context: FaultContext;
  readonly #links: readonly Link[];
  readonly #droppedBefore: ReadonlyMap<string, number>;
  readonly #acts = new Acts();

  constructor(
    context: FaultContext,
    links: readonly Link[],
    droppedBefore: ReadonlyMap<string, number>,
  ) {
    this.#context = context;
    this.#links = links;
    this.#droppedBefore = droppedBefore;
    const ends = [...new Set(links.flatMap(({ from, to }) => [from, to]))].sort();
    this.undo = ends.map((node) => ({ act: 'clear-rules', node, links: formatLinks(links) }));
  }

  fire(): void {
    const { cluster, step } = this.#context;
    this.#acts.begin(`cut ${this.#links.map(linkKey).join(' ')}`, () =>
      cluster.network.cut(step.id, this.#links),
    );
  }

  done(): Promise<void> {
    return this.#acts.done();
  }

  /** The rules are there, and nothing passes: no connect gets through, and one failed or packets were dropped. */
  async verify(): Promise<Verification> {
    const failures = this.#acts.failures();
    const rules = await seeRules(this.#context, this.#links);
    const reached = await seeReachable(this.#context, this.#links, false);
    const dropped = await seeDropped(this.#context, this.#links, this.#droppedBefore);
    const passes = reached.some((one) => one.seen === 'reached');
    const felt = dropped.confirms || reached.some((one) => one.confirms);
    return {
      verified: failures.length === 0 && rules.confirms && !passes && felt,
      observations: [rules, ...reached, dropped, ...failures],
    };
  }

  heal(): Promise<void> {
    return this.#context.cluster.network.heal(this.#context.step.id);
  }

  /**
   * The rules are gone and connects get through. Connections from before may still be in back-off; they are waited
   * for, as until then the link is not up for them, but they are no longer our doing.
   */
  async verifyHealed(): Promise<Verification> {
    const rules = await seeRulesGone(this.#context, this.#links);
    const reached = await seeReachable(this.#context, this.#links, true);
    const observations = [rules, ...reached];
    if (!observations.every((one) => one.confirms)) return { verified: false, observations };
    const settled = await untilSettled(this.#context, this.#links);
    return { verified: true, observations: [...observations, settled] };
  }
}
