/**
 * Faults of links: some are chosen, rules are put on them, and what the rules do is looked at. Every kind takes a written
 * parameter `links` (`["n1->n2"]`) in place of its own choice, which is how a recorded fault is run again.
 */
import type {
  Armed,
  Fault,
  FaultAbout,
  FaultContext,
  ParameterForm,
  Targets,
  Verification,
} from '../harness/nemesis.ts';
import type { NodeName, Value } from '../harness/operation.ts';
import { type LinkRule, ruleName } from '../harness/packet-rules.ts';
import type { Draws } from '../harness/random.ts';
import { type Cluster, type Link, linkKey } from '../harness/testbed.ts';
import type { Undo } from '../harness/undo.ts';
import { Acts } from './acts.ts';
import { formatLinks, isNodeEnd, parseLinks } from './grudge.ts';
import type { LinkEffect } from './link-effects.ts';
import { linksForm } from './link-forms.ts';
import {
  metSoFar,
  seeMet,
  seeReachable,
  seeRules,
  seeRulesGone,
  untilSettled,
} from './link-observations.ts';
import { drawsOf, requireNodes, selectNodes } from './selector.ts';

/** What is particular to one kind. */
export interface LinkFaultKind {
  readonly kind: string;
  readonly summary: string;
  readonly about?: FaultAbout;
  /** Besides `links`. */
  readonly parameters?: Readonly<Record<string, ParameterForm>>;
  readonly parametersProblem?: Fault['parametersProblem'];
  readonly selectors: Fault['selectors'];
  /** The fewest nodes it makes sense for. */
  readonly leastNodes: number;
  /** The links, in the order in which they are recorded. Empty: nothing would be done. */
  links(choice: LinkChoice): readonly Link[];
  /** What becomes of data on them. Default: nothing passes. */
  readonly rule?: (context: FaultContext) => Omit<LinkRule, 'from' | 'to'>;
  /** What becomes of those rules where a link is more than is meant, looked up when it is armed. Default: as they are. */
  readonly narrow?: (
    context: FaultContext,
    rules: readonly LinkRule[],
  ) => Promise<readonly LinkRule[]>;
  /** A rule such as it puts, by which a network says whether it has them. Default: whole links, which all have. */
  readonly example?: (node: NodeName, other: NodeName) => LinkRule;
  /** What is seen of the links besides rules and counters. Default: no connect gets through. */
  readonly effect?: (context: FaultContext) => LinkEffect;
  /** In effect as soon as the rules are there: what they are for may come much later, but must have come by the end. */
  readonly waits?: true;
  /** Puts and takes away the rules. Default: all at once. */
  readonly arm?: (parts: LinkFaultParts) => Armed;
}

export interface LinkChoice {
  /** What the selector means. */
  readonly selected: readonly NodeName[];
  /** All nodes. */
  readonly nodes: readonly NodeName[];
  readonly draws: Draws;
  readonly parameters: Readonly<Record<string, Value>>;
}

export interface LinkFaultParts {
  readonly context: FaultContext;
  readonly rules: readonly LinkRule[];
  readonly effect: LinkEffect;
  readonly waits: boolean;
  readonly metBefore: ReadonlyMap<string, number>;
}

export function linkFault(kind: LinkFaultKind): Fault {
  const { about, parametersProblem } = kind;
  return {
    kind: kind.kind,
    summary: kind.summary,
    selectors: kind.selectors,
    ...(about === undefined ? {} : { about }),
    ...(parametersProblem === undefined ? {} : { parametersProblem }),
    parameters: { ...kind.parameters, links: linksForm },
    unavailable: (cluster) => unavailable(kind, cluster),
    resolve: (context) => resolve(kind, context),
    prepare: async (context, targets) => {
      const rule = kind.rule?.(context) ?? {};
      const whole = linksOf(targets, context).map((link) => ({ ...link, ...rule }));
      const rules = (await kind.narrow?.(context, whole)) ?? whole;
      const effect = kind.effect?.(context) ?? seeNothingPasses;
      const metBefore = await metSoFar(context);
      const parts = { context, rules, effect, waits: kind.waits === true, metBefore };
      return kind.arm?.(parts) ?? new ArmedLinks(parts);
    },
  };
}

function unavailable(kind: LinkFaultKind, { nodes, network }: Cluster): string | null {
  if (nodes.length < kind.leastNodes) {
    return `${kind.kind} needs at least ${kind.leastNodes} nodes, there are ${nodes.length}`;
  }
  const [one, other] = nodes;
  if (kind.example === undefined || one === undefined) return null;
  const { packets } = network;
  if (packets === undefined) return 'links of this testbed can only be cut whole';
  return packets.lacks(kind.example(one.name, (other ?? one).name));
}

async function resolve(kind: LinkFaultKind, context: FaultContext): Promise<Targets | null> {
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
  const ends = [...new Set(links.flatMap(({ from, to }) => [from, to]))].filter(isNodeEnd).sort();
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

/** No connect gets through, whichever end dials. */
const seeNothingPasses: LinkEffect = (context, links, inForce) =>
  seeReachable(context, links, !inForce);

/** Rules that are put and taken away all at once. */
export class ArmedLinks implements Armed {
  readonly undo: Undo;
  protected readonly parts: LinkFaultParts;
  protected readonly acts = new Acts();
  #wasVerified = false;

  constructor(parts: LinkFaultParts) {
    this.parts = parts;
    this.undo = undoOf(parts);
  }

  fire(): void {
    const { rules, context } = this.parts;
    this.put(context.step.id, rules);
  }

  done(): Promise<void> {
    return this.acts.done();
  }

  /** The rules are there, nothing that was looked at says otherwise, and something says that they act. */
  async verify(): Promise<Verification> {
    const { context, rules, effect, metBefore, waits } = this.parts;
    const failures = this.acts.failures();
    const there = await seeRules(context, rules);
    const effects = await effect(context, rules, true);
    const met = await seeMet(context, rules, metBefore);
    const denied = effects.some(({ confirms, seen }) => !confirms && !seen.startsWith('not tried'));
    const felt = met.confirms || effects.some(({ confirms }) => confirms);
    const verified =
      failures.length === 0 && there.confirms && !denied && (felt || (waits && !this.#wasVerified));
    this.#wasVerified = verified;
    // What it waits for has not come yet, which says nothing against it.
    const counted = waits && verified ? { ...met, confirms: true } : met;
    return { verified, observations: [there, ...effects, counted, ...failures] };
  }

  heal(): Promise<void> {
    const { context } = this.parts;
    return context.cluster.network.heal(context.step.id);
  }

  /**
   * The rules are gone and connects get through. Connections from before may still be in back-off; they are waited
   * for, as until then the link is not up for them, but they are no longer our doing.
   */
  async verifyHealed(): Promise<Verification> {
    const { context, rules, effect } = this.parts;
    const gone = await seeRulesGone(context, rules);
    const observations = [gone, ...(await effect(context, rules, false))];
    if (!observations.every((one) => one.confirms)) return { verified: false, observations };
    const settled = await untilSettled(context, rules);
    return { verified: true, observations: [...observations, settled] };
  }

  protected put(key: string, rules: readonly LinkRule[]): void {
    const { network } = this.parts.context.cluster;
    this.acts.begin(`cut ${rules.map(ruleName).join(' ')}`, () =>
      network.packets === undefined ? network.cut(key, rules) : network.packets.put(key, rules),
    );
  }
}

function undoOf({ context, rules }: LinkFaultParts): Undo {
  const { packets } = context.cluster.network;
  if (packets !== undefined) return packets.undo(rules);
  const ends = [...new Set(rules.flatMap(({ from, to }) => [from, to]))].sort();
  return ends.map((node) => ({ act: 'clear-rules', node, links: rules.map(linkKey) }));
}
