/**
 * The cluster's links, cut by packet-filter rules in each node's own network namespace. The rules in force are always
 * those of all cuts together, put whole; a node that comes back with a new namespace gets them before its server runs.
 */
import type { Timer } from '../../clock.ts';
import { MILLISECOND, type NodeName } from '../../operation.ts';
import type { Link, Network, TestbedContext } from '../../testbed.ts';
import { linkKey } from '../../testbed.ts';
import type { SupervisedNode } from '../supervised/supervised-node.ts';
import {
  INSTALL_CHAINS,
  type CountedRule,
  distinctLinks,
  parseRules,
  rulesFor,
} from './link-rules.ts';
import { NodeGoneError, unlessGone } from './supervisor.ts';
import { backsOffTo, parseTcpTable } from './tcp-table.ts';

const REACH_LIMIT_MS = 300;
const RESEND_AFTER = 100 * MILLISECOND;
const TCP_TABLES = ['/proc/net/tcp', '/proc/net/tcp6'] as const;
const RESTORE = ['iptables-restore', '-w', '--noflush'] as const;
const SAVE = ['iptables-save', '-c', '-t', 'filter'] as const;
const SAVE_AND_RESTORE = ['sh', '-c', `${SAVE.join(' ')} && exec ${RESTORE.join(' ')}`] as const;

export class DockerNetwork implements Network {
  readonly #nodes = new Map<NodeName, SupervisedNode>();
  readonly #addresses: ReadonlyMap<NodeName, string>;
  readonly #context: TestbedContext;
  readonly #cuts = new Map<string, readonly Link[]>();
  /** Nodes whose chains have rules, by what was last put. */
  readonly #ruled = new Set<NodeName>();
  /** Packets dropped by rules since replaced. */
  readonly #counted = new Map<string, number>();
  #probes = 0;

  constructor(addresses: ReadonlyMap<NodeName, string>, context: TestbedContext) {
    this.#addresses = addresses;
    this.#context = context;
  }

  add(node: SupervisedNode): void {
    this.#nodes.set(node.name, node);
  }

  /** A node's namespace is new: puts chains and the rules of now there. Begins synchronously. */
  async connected(node: SupervisedNode): Promise<void> {
    this.#ruled.delete(node.name);
    if (!hasTools(node)) return;
    const installed = this.#put(node, INSTALL_CHAINS, false);
    const ruled = this.#cutAt(node.name).length > 0 ? this.#apply(node) : Promise.resolve();
    await Promise.all([installed, ruled]);
  }

  async cut(key: string, links: readonly Link[]): Promise<void> {
    for (const name of links.flatMap((link) => [link.from, link.to])) {
      const node = this.#node(name);
      if (node.reachable && !hasTools(node)) throw missingTools(node);
    }
    const notBefore = this.#context.clock.now();
    const before = this.#links();
    this.#cuts.set(key, distinctLinks(links));
    await this.#change(before, notBefore);
  }

  heal(key: string): Promise<void> {
    return this.#heal([key]);
  }

  healAll(): Promise<void> {
    return this.#heal([...this.#cuts.keys()]);
  }

  async observed(): Promise<readonly Link[]> {
    const rules = await this.#overNodes((node) => this.#read(node));
    return distinctLinks(rules.flat().map((rule) => rule.link));
  }

  async dropped(): Promise<ReadonlyMap<string, number>> {
    const seen = await this.#overNodes(async (node) => {
      const rules = await this.#read(node);
      // What earlier rules counted, taken in the moment of the answer: a replacement may follow it.
      const counts = new Map([...this.#counted].filter(([key]) => key.startsWith(`${node.name} `)));
      for (const rule of rules) add(counts, counterKey(node.name, rule.link), rule.packets);
      return counts;
    });
    const totals = new Map([...this.#counted, ...seen.flatMap((counts) => [...counts])]);
    const byLink = new Map<string, number>();
    for (const [key, packets] of totals) add(byLink, key.slice(key.indexOf(' ') + 1), packets);
    return byLink;
  }

  async reachable(link: Link, port?: number): Promise<boolean> {
    const from = this.#node(link.from);
    const to = this.#node(link.to);
    if (!from.reachable || !to.reachable) return false;
    const ways = [this.#sendDatagram(from, to)];
    if (port !== undefined) ways.push(this.#connect(from, to, port));
    const ends = await Promise.all(ways);
    return ends.includes(true);
  }

  async settled(links: readonly Link[]): Promise<boolean> {
    const names = new Set(links.flatMap((link) => [link.from, link.to]));
    const nodes = [...names].map((name) => this.#node(name)).filter((node) => node.reachable);
    const backingOff = await Promise.all(
      nodes.map((node) => unlessGone(this.#backsOff(node, links))),
    );
    return !backingOff.includes(true);
  }

  /** Whether a socket of the node, to the other end of one of the links, waits to send again. */
  async #backsOff(node: SupervisedNode, links: readonly Link[]): Promise<boolean> {
    const tables = await Promise.all(TCP_TABLES.map((path) => node.ask('read', path)));
    const sockets = parseTcpTable(tables.map(([text]) => String(text ?? '')).join('\n'));
    const peers = links.flatMap((link) => peersOf(link, node.name));
    return peers.some((peer) => backsOffTo(this.#addresses.get(peer) ?? '', sockets));
  }

  async #heal(keys: readonly string[]): Promise<void> {
    const notBefore = this.#context.clock.now();
    const before = this.#links();
    keys.forEach((key) => this.#cuts.delete(key));
    await this.#change(before, notBefore);
  }

  /** Brings the rules from what was cut before to what is cut now, and tells what changed. */
  async #change(before: readonly Link[], notBefore: number): Promise<void> {
    const after = this.#links();
    const cut = without(after, before);
    const healed = without(before, after);
    const names = new Set([...cut, ...healed].flatMap((link) => [link.from, link.to]));
    const nodes = [...names].map((name) => this.#node(name)).filter((node) => node.reachable);
    const ends = await Promise.allSettled(nodes.map((node) => this.#apply(node)));
    const failures = ends.flatMap((end): unknown[] =>
      end.status === 'rejected' && !(end.reason instanceof NodeGoneError) ? [end.reason] : [],
    );
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('; '));
    const at = { notBefore, notAfter: this.#context.clock.now() };
    if (cut.length > 0) this.#context.events({ type: 'link-cut', links: cut, ...at });
    if (healed.length > 0) this.#context.events({ type: 'link-healed', links: healed, ...at });
  }

  async #apply(node: SupervisedNode): Promise<void> {
    if (!hasTools(node)) throw missingTools(node);
    const links = this.#cutAt(node.name);
    const had = this.#ruled.has(node.name);
    if (links.length > 0) this.#ruled.add(node.name);
    else this.#ruled.delete(node.name);
    await this.#put(node, rulesFor(node.name, links, this.#addresses), had);
  }

  /** @param counting whether rules are replaced whose counts are to be kept. */
  async #put(node: SupervisedNode, rules: string, counting: boolean): Promise<void> {
    const argv = counting ? SAVE_AND_RESTORE : RESTORE;
    const { code, stdout, stderr } = await node.execInOrder(argv, rules);
    if (code !== 0) throw new Error(`${node.name}: iptables-restore: ${stderr.trim()}`);
    for (const rule of parseRules(node.name, stdout, this.#addresses)) {
      add(this.#counted, counterKey(node.name, rule.link), rule.packets);
    }
  }

  async #read(node: SupervisedNode): Promise<readonly CountedRule[]> {
    if (!hasTools(node)) return [];
    const { code, stdout, stderr } = await node.execInOrder(SAVE, '');
    if (code !== 0) throw new Error(`${node.name}: iptables-save: ${stderr.trim()}`);
    return parseRules(node.name, stdout, this.#addresses);
  }

  async #overNodes<T>(look: (node: SupervisedNode) => Promise<T>): Promise<readonly T[]> {
    const nodes = [...this.#nodes.values()].filter((node) => node.reachable);
    const seen = await Promise.all(nodes.map((node) => unlessGone(look(node))));
    return seen.filter((item) => item !== undefined);
  }

  /** A datagram needs no answer, so this tells of one direction, which a connection cannot. */
  #sendDatagram(from: SupervisedNode, to: SupervisedNode): Promise<boolean> {
    const { clock } = this.#context;
    const nonce = `faultline ${from.name} ${to.name} ${this.#probes++}`;
    const port = String(to.hello?.datagramPort ?? 0);
    return new Promise((resolve) => {
      const timers: Timer[] = [];
      const end = (arrived: boolean): void => {
        timers.forEach((timer) => timer.cancel());
        expected[Symbol.dispose]();
        resolve(arrived);
      };
      const expected = to.expectDatagram(nonce, () => end(true));
      // A node that goes meanwhile is not reachable: the limit below says so.
      const send = (): void => void unlessGone(from.ask('send', to.address, port, nonce));
      timers.push(clock.at(clock.now() + RESEND_AFTER, send));
      timers.push(clock.at(clock.now() + REACH_LIMIT_MS * MILLISECOND, () => end(false)));
      send();
    });
  }

  async #connect(from: SupervisedNode, to: SupervisedNode, port: number): Promise<boolean> {
    const limit = String(REACH_LIMIT_MS);
    const reply = await unlessGone(from.ask('connect', to.address, String(port), limit));
    return ['open', 'refused'].includes(String(reply?.[1] ?? ''));
  }

  #links(): readonly Link[] {
    return distinctLinks([...this.#cuts.values()].flat());
  }

  #cutAt(node: NodeName): readonly Link[] {
    return this.#links().filter((link) => link.from === node || link.to === node);
  }

  #node(name: NodeName): SupervisedNode {
    const node = this.#nodes.get(name);
    if (node !== undefined) return node;
    const known = [...this.#nodes.keys()].join(', ');
    throw new RangeError(`no node ${name}; expected one of ${known}`);
  }
}

/** Counts are kept by node and link: both ends of a link count what they drop. */
function counterKey(node: NodeName, link: Link): string {
  return `${node} ${linkKey(link)}`;
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

function without(links: readonly Link[], others: readonly Link[]): readonly Link[] {
  const keys = new Set(others.map(linkKey));
  return links.filter((link) => !keys.has(linkKey(link)));
}

function peersOf(link: Link, node: NodeName): readonly NodeName[] {
  if (link.from === node) return [link.to];
  return link.to === node ? [link.from] : [];
}

function add(counts: Map<string, number>, key: string, packets: number): void {
  counts.set(key, (counts.get(key) ?? 0) + packets);
}
