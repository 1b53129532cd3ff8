/**
 * The cluster's links, cut and degraded by packet-filter rules: on the engine's host where bridged packets pass its
 * filters, else in each node's own network namespace. The rules in force are always those of all keys together, put
 * whole; a node that comes back with a new namespace gets them before its server runs.
 */
import type { NodeName } from '../../operation.ts';
import {
  CLIENT_SIDE,
  type LinkRule,
  NAME_SERVER,
  type PacketRules,
  ruleName,
} from '../../packet-rules.ts';
import type { Link, Network, TestbedContext } from '../../testbed.ts';
import { linkKey } from '../../testbed.ts';
import type { Undo } from '../../undo.ts';
import type { SupervisedNode } from './supervised-node.ts';
import { type CallWatch, CallWatches } from './call-watch.ts';
import { type HostChain, removeHostChain } from '../docker/host-chain.ts';
import {
  type Addresses,
  type CountedRule,
  distinctLinks,
  distinctRules,
  isNode,
} from './link-rules.ts';
import { tellChanges } from './link-events.ts';
import { LinkProbes } from './link-probes.ts';
import { NodeChains, type RuleHands } from './node-chains.ts';
import { unmatchable } from './packet-match.ts';
import { NodeGoneError, unlessGone } from './supervisor.ts';
import { ESTABLISHED, TCP_TABLES, type TcpSocket, backsOffTo, parseTcpTable } from './tcp-table.ts';

export interface SupervisedNetworkOptions {
  /** Whether what is outside of the nodes' network is the clients' side, and nothing else passes there. Default: false. */
  readonly clientSide?: boolean;
  /** A name that a node's name server knows. Default: there is no name server of the testbed's. */
  readonly knownName?: string;
  /** Acts in the network namespace of a node whose own image lacks iptables. Default: nobody does. */
  readonly standIn?: (node: SupervisedNode) => Promise<RuleHands>;
  /** Watches what passes at a node. Default: calls cannot be watched. */
  readonly watchCalls?: CallWatch;
}

export class SupervisedNetwork implements Network {
  readonly packets: PacketRules;
  readonly watchCalls?: NonNullable<Network['watchCalls']>;
  readonly #nodes = new Map<NodeName, SupervisedNode>();
  readonly #addresses: Addresses;
  readonly #context: TestbedContext;
  readonly #options: SupervisedNetworkOptions;
  /** What each key holds, in the order of the calls. */
  readonly #held = new Map<string, readonly LinkRule[]>();
  readonly #chains: NodeChains;
  readonly #standIns = new Map<NodeName, RuleHands>();
  readonly #probes: LinkProbes;
  readonly #watches: CallWatches | null;
  #host: HostChain | null = null;

  constructor(
    addresses: Addresses,
    context: TestbedContext,
    options: SupervisedNetworkOptions = {},
  ) {
    this.#addresses = addresses;
    this.#context = context;
    this.#options = options;
    this.#chains = new NodeChains(addresses);
    this.#probes = new LinkProbes(context);
    this.packets = {
      undo: (rules) => this.#undo(rules),
      lacks: (rule) => this.#lacks(rule),
      put: (key, rules) => this.cut(key, rules),
      inForce: () => this.#inForce(),
      counted: async () => countsOf(await this.#counts(), ({ name }) => name),
      clientPorts: (node) => this.#clientPorts(this.#node(node)),
      dial: (link, port) => this.#dial(link, port),
      resolves: (node) => this.#probes.resolves(this.#node(node), options.knownName ?? node),
    };
    const { watchCalls: watch } = options;
    const watches = watch === undefined ? null : new CallWatches(context, watch);
    this.#watches = watches;
    if (watches === null) return;
    this.watchCalls = (call, seen) => watches.add(call, [...this.#nodes.values()], seen);
  }

  add(node: SupervisedNode): void {
    this.#nodes.set(node.name, node);
  }

  /** Whether every node that runs has somebody who puts rules there. */
  get ruled(): boolean {
    return [...this.#nodes.values()].every((node) => this.#handsOf(node) !== null);
  }

  /** From now on drops between nodes are rules of the host. */
  useHost(host: HostChain): void {
    this.#host = host;
  }

  /** The chain of the host that holds drops between nodes; null: the nodes' own rules do. */
  get hostChain(): string | null {
    return this.#host?.name ?? null;
  }

  /** Leaves nothing of it on the host. */
  async end(): Promise<void> {
    if (this.#host !== null) await removeHostChain(this.#host.name);
  }

  /** Passes a datagram between the first two nodes: whether a packet is seen is what is asked then. */
  async sendProbe(): Promise<void> {
    const [one, other] = [...this.#nodes.values()];
    if (one !== undefined && other !== undefined) await this.#probes.sendDatagram(one, other);
  }

  /** A node's namespace is new: puts chains and the rules of now there. Begins synchronously, where its image has iptables. */
  async connected(node: SupervisedNode): Promise<void> {
    this.#watches?.renew(node.name);
    this.#standIns.delete(node.name);
    if (!hasTools(node)) {
      const hands = await this.#standIn(node);
      if (hands === null) return;
      this.#standIns.set(node.name, hands);
    }
    const hands = this.#handsOf(node);
    if (hands === null) return;
    const installed = this.#chains.install(node.name, hands);
    const ruled = this.#rulesAt(node.name).length > 0 ? this.#apply(node) : Promise.resolve();
    await Promise.all([installed, ruled]);
  }

  /** Null, after saying why: there is nobody; then links of the node cannot be cut in it. */
  async #standIn(node: SupervisedNode): Promise<RuleHands | null> {
    try {
      return (await this.#options.standIn?.(node)) ?? null;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#context.say(`${node.name} lacks iptables, and has none beside it: ${reason}`);
      return null;
    }
  }

  async cut(key: string, links: readonly LinkRule[]): Promise<void> {
    const rules = distinctRules(links);
    for (const rule of rules) this.#check(rule);
    const notBefore = this.#context.clock.now();
    const before = this.#rules();
    this.#held.set(key, rules);
    await this.#change(before, notBefore);
  }

  heal(key: string): Promise<void> {
    return this.#heal([key]);
  }

  healAll(): Promise<void> {
    return this.#heal([...this.#held.keys()]);
  }

  async observed(): Promise<readonly Link[]> {
    const rules = await this.#readAll();
    return distinctLinks(rules.filter(({ whole }) => whole).map(({ link }) => link));
  }

  async dropped(): Promise<ReadonlyMap<string, number>> {
    const rules = await this.#counts();
    return countsOf(
      rules.filter(({ whole }) => whole),
      ({ link }) => linkKey(link),
    );
  }

  reachable(link: Link, port?: number): Promise<boolean> {
    return this.#probes.reaches(this.#node(link.from), this.#node(link.to), port);
  }

  async settled(links: readonly Link[]): Promise<boolean> {
    const names = new Set(links.flatMap((link) => [link.from, link.to]).filter(isNode));
    const nodes = [...names].map((name) => this.#node(name)).filter((node) => node.reachable);
    const backingOff = await Promise.all(
      nodes.map((node) => unlessGone(this.#backsOff(node, links))),
    );
    return !backingOff.includes(true);
  }

  /** Whether a socket of the node, to the other end of one of the links, waits to send again. */
  async #backsOff(node: SupervisedNode, links: readonly Link[]): Promise<boolean> {
    const sockets = await socketsOf(node);
    const peers = links.flatMap((link) => peersOf(link, node.name));
    return peers.some((peer) => backsOffTo(this.#addresses.get(peer) ?? '', sockets));
  }

  async #clientPorts(node: SupervisedNode): Promise<readonly number[]> {
    const inside = new Set(this.#addresses.values());
    const live = (await socketsOf(node)).filter(
      ({ peer, state }) => state === ESTABLISHED && !peer.startsWith('127.') && !inside.has(peer),
    );
    return live.map(({ peerPort }) => peerPort).sort((a, b) => a - b);
  }

  #undo(rules: readonly LinkRule[]): Undo {
    const inNodes = rules.filter((rule) => !this.#isHosts(rule));
    const nodes = [...new Set(inNodes.flatMap(({ from, to }) => [from, to]).filter(isNode))];
    const acts: Undo = nodes.sort().map((node) => ({
      act: 'clear-rules',
      node,
      rules: inNodes.filter(({ from, to }) => from === node || to === node).map(ruleName),
    }));
    if (this.#host === null || inNodes.length === rules.length) return acts;
    return [{ act: 'clear-host-chain', chain: this.#host.name }, ...acts];
  }

  #lacks(rule: LinkRule): string | null {
    const ends = [rule.from, rule.to];
    if (ends.includes(CLIENT_SIDE) && this.#options.clientSide !== true) {
      return 'the clients reach the nodes by the way that the harness itself uses';
    }
    if (ends.includes(NAME_SERVER) && this.#options.knownName === undefined) {
      return 'the testbed has no name server of its own';
    }
    return unmatchable(rule);
  }

  /** @throws when the rule cannot be put */
  #check(rule: LinkRule): void {
    const lack = this.#lacks(rule);
    if (lack !== null) throw new Error(`${ruleName(rule)}: ${lack}`);
    const nodes = [rule.from, rule.to].filter(isNode).map((name) => this.#node(name));
    if (this.#isHosts(rule)) return;
    for (const node of nodes) {
      if (node.reachable && this.#handsOf(node) === null) throw missingTools(node);
    }
  }

  async #heal(keys: readonly string[]): Promise<void> {
    const notBefore = this.#context.clock.now();
    const before = this.#rules();
    keys.forEach((key) => this.#held.delete(key));
    await this.#change(before, notBefore);
  }

  /** Brings the rules from what was held before to what is held now, and tells what changed. */
  async #change(before: readonly LinkRule[], notBefore: number): Promise<void> {
    const after = this.#rules();
    const [now, then] = [new Set(after.map(ruleName)), new Set(before.map(ruleName))];
    const changed = [
      ...after.filter((rule) => !then.has(ruleName(rule))),
      ...before.filter((rule) => !now.has(ruleName(rule))),
    ];
    const works = this.#nodesOf(changed.filter((rule) => !this.#isHosts(rule))).map((node) =>
      this.#apply(node),
    );
    const host = this.#host;
    if (host !== null && changed.some((rule) => this.#isHosts(rule))) {
      works.push(host.set(after.filter((rule) => this.#isHosts(rule))));
    }
    const ends = await Promise.allSettled(works);
    const failures = ends.flatMap((end): unknown[] =>
      end.status === 'rejected' && !(end.reason instanceof NodeGoneError) ? [end.reason] : [],
    );
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('; '));
    const at = { notBefore, notAfter: this.#context.clock.now() };
    tellChanges(this.#context.events, before, after, at);
  }

  async #apply(node: SupervisedNode): Promise<void> {
    const hands = this.#handsOf(node);
    if (hands === null) throw missingTools(node);
    await this.#chains.apply(node.name, hands, this.#rulesAt(node.name));
  }

  async #inForce(): Promise<readonly CountedRule[]> {
    const byName = new Map<string, CountedRule>();
    for (const rule of await this.#readAll()) {
      const packets = rule.packets + (byName.get(rule.name)?.packets ?? 0);
      byName.set(rule.name, { ...rule, packets });
    }
    return [...byName.values()];
  }

  async #readAll(): Promise<readonly CountedRule[]> {
    const [host, nodes] = await Promise.all([
      this.#host?.read() ?? [],
      this.#overNodes((node, hands) => this.#chains.read(node.name, hands)),
    ]);
    return [...host, ...nodes.flat()];
  }

  /** What every rule has counted so far, those of now and those since replaced. */
  async #counts(): Promise<readonly CountedRule[]> {
    const asked = new Set<NodeName>();
    const seen = await this.#overNodes(async (node, hands) => {
      const rules = await this.#chains.read(node.name, hands);
      // What earlier rules counted, taken in the moment of the answer: a replacement may follow it.
      asked.add(node.name);
      return [...rules, ...this.#chains.replaced(node.name)];
    });
    const others = [...this.#nodes.keys()].filter((name) => !asked.has(name));
    const host = (await this.#host?.read()) ?? [];
    return [
      ...seen.flat(),
      ...others.flatMap((name) => this.#chains.replaced(name)),
      ...host,
      ...(this.#host?.replaced() ?? []),
    ];
  }

  async #overNodes<T>(
    look: (node: SupervisedNode, hands: RuleHands) => Promise<T>,
  ): Promise<readonly T[]> {
    const looks = [...this.#nodes.values()].flatMap((node) => {
      const hands = node.reachable ? this.#handsOf(node) : null;
      return hands === null ? [] : [unlessGone(look(node, hands))];
    });
    return (await Promise.all(looks)).filter((item) => item !== undefined);
  }

  #dial({ from, to }: Link, port: number): ReturnType<PacketRules['dial']> {
    const { address } = this.#node(to);
    if (from === CLIENT_SIDE) return this.#probes.dialFromHere(address, port);
    return this.#probes.dial(this.#node(from), address, port);
  }

  #handsOf(node: SupervisedNode): RuleHands | null {
    return hasTools(node) ? node : (this.#standIns.get(node.name) ?? null);
  }

  /** Whether a rule is put on the host: it sees only what passes between nodes, and cannot tell their senders. */
  #isHosts({ from, to, action = 'drop' }: LinkRule): boolean {
    return this.#host !== null && action === 'drop' && isNode(from) && isNode(to);
  }

  #rules(): readonly LinkRule[] {
    return distinctRules([...this.#held.values()].flat());
  }

  #rulesAt(node: NodeName): readonly LinkRule[] {
    return this.#rules().filter(
      (rule) => !this.#isHosts(rule) && (rule.from === node || rule.to === node),
    );
  }

  #nodesOf(rules: readonly LinkRule[]): readonly SupervisedNode[] {
    const names = new Set(rules.flatMap(({ from, to }) => [from, to]).filter(isNode));
    return [...names].map((name) => this.#node(name)).filter((node) => node.reachable);
  }

  #node(name: NodeName): SupervisedNode {
    const node = this.#nodes.get(name);
    if (node !== undefined) return node;
    const known = [...this.#nodes.keys()].join(', ');
    throw new RangeError(`no node ${name}; expected one of ${known}`);
  }
}

async function socketsOf(node: SupervisedNode): Promise<readonly TcpSocket[]> {
  const tables = await Promise.all(TCP_TABLES.map((path) => node.ask('read', path)));
  return parseTcpTable(tables.map(([text]) => String(text ?? '')).join('\n'));
}

function hasTools(node: SupervisedNode): boolean {
  const tools = node.hello?.tools ?? [];
  return tools.includes('iptables-restore') && tools.includes('iptables-save');
}

function missingTools(node: SupervisedNode): Error {
  return new Error(
    `${node.name}: links cannot be cut: its image lacks iptables; add "iptables" to its Dockerfile ` +
      '(on a host of its own: install it, and be root)',
  );
}

function peersOf(link: Link, node: NodeName): readonly NodeName[] {
  if (link.from === node) return [link.to];
  return link.to === node ? [link.from] : [];
}

function countsOf(
  rules: readonly CountedRule[],
  keyOf: (rule: CountedRule) => string,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const rule of rules) {
    counts.set(keyOf(rule), (counts.get(keyOf(rule)) ?? 0) + rule.packets);
  }
  return counts;
}
