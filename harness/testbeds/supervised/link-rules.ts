/**
 * Links' rules as packet-filter rules: own chains, always replaced whole, so that putting them twice changes nothing.
 *
 * In the nodes' own network namespaces a link that is cut is stopped at both of its ends: the sender drops what goes
 * out, the receiver what comes in. Other rules are at one end only, the sender's where that is a node: chances are rolled
 * once, and counts are of packets. On the host all bridged packets pass one chain.
 */
import {
  CLIENT_SIDE,
  type LinkRule,
  NAME_SERVER,
  type RuleInForce,
  isWhole,
  ruleName,
} from '../../packet-rules.ts';
import type { Link } from '../../testbed.ts';
import { linkKey } from '../../testbed.ts';
import type { NodeName } from '../../operation.ts';
import { isAboutTcp, matchWords } from './packet-match.ts';

/** Own chains; nothing outside them is ever changed but the two jumps to them. */
export const INPUT_CHAIN = 'FL-IN';
export const OUTPUT_CHAIN = 'FL-OUT';

/** For `iptables-restore --noflush`, once a namespace: the chains, empty, and the jumps. */
export const INSTALL_CHAINS = [
  '*filter',
  `:${INPUT_CHAIN} - [0:0]`,
  `:${OUTPUT_CHAIN} - [0:0]`,
  `-I INPUT 1 -j ${INPUT_CHAIN}`,
  `-I OUTPUT 1 -j ${OUTPUT_CHAIN}`,
  'COMMIT',
  '',
].join('\n');

/** Where the engine's name server answers in every node (Docker's documentation, "DNS services"). */
const NAME_SERVER_ADDRESS = '127.0.0.11';

export type Addresses = ReadonlyMap<NodeName, string>;

/** For `iptables-restore --noflush`: exactly these rules at this node, no others. */
export function rulesFor(node: NodeName, rules: readonly LinkRule[], addresses: Addresses): string {
  const lines = new Set<string>();
  for (const rule of rules) {
    const atSender = rule.from === node;
    const atReceiver = rule.to === node && (isPlain(rule) || !isNode(rule.from));
    if (atSender) {
      const match = peerMatch('-d', rule.to, addresses);
      ruleLines(OUTPUT_CHAIN, match, rule).forEach((line) => lines.add(line));
    }
    if (atReceiver) {
      const match = peerMatch('-s', rule.from, addresses);
      ruleLines(INPUT_CHAIN, match, rule).forEach((line) => lines.add(line));
    }
  }
  // Naming a chain with a policy line empties it, in the same transaction.
  const chains = [`:${INPUT_CHAIN} - [0:0]`, `:${OUTPUT_CHAIN} - [0:0]`];
  return ['*filter', ...chains, ...lines, 'COMMIT', ''].join('\n');
}

/** Exactly these rules in a chain of the host, for links between nodes. */
export function hostRules(
  chain: string,
  rules: readonly LinkRule[],
  addresses: Addresses,
): readonly string[] {
  const lines = rules.flatMap((rule) => {
    const from = `-s ${addressOf(rule.from, addresses)}/32`;
    return ruleLines(chain, [`${from} -d ${addressOf(rule.to, addresses)}/32`], rule);
  });
  return [...new Set(lines)];
}

/** Whether it is about two nodes, of which nothing of the one's data gets to the other. */
export function isCut(rule: LinkRule): boolean {
  return isWhole(rule) && isNode(rule.from) && isNode(rule.to);
}

/** A cut whose sender is not told: it is made at both ends. A refusal comes in as if from the other end, and must. */
function isPlain(rule: LinkRule): boolean {
  return isCut(rule) && (rule.action ?? 'drop') === 'drop';
}

export function isNode(end: NodeName): boolean {
  return !end.startsWith('@');
}

function ruleLines(chain: string, matches: readonly string[], rule: LinkRule): readonly string[] {
  const { only = {}, action = 'drop' } = rule;
  const plain = isPlain(rule);
  return matches.flatMap((match) =>
    targets(action, isAboutTcp(only)).map(({ protocol, target }) =>
      [
        ...['-A', chain, match, ...protocol, ...matchWords(only)],
        ...(plain ? [] : ['-m', 'comment', '--comment', `"${ruleName(rule)}"`]),
        ...['-j', target],
      ].join(' '),
    ),
  );
}

interface RuleTarget {
  readonly protocol: readonly string[];
  readonly target: string;
}

function targets(action: LinkRule['action'], aboutTcp: boolean): readonly RuleTarget[] {
  const all: readonly string[] = [];
  if (action === 'unreachable') {
    return [{ protocol: all, target: 'REJECT --reject-with icmp-host-unreachable' }];
  }
  if (action !== 'reset') return [{ protocol: all, target: 'DROP' }];
  const ofTcp = {
    protocol: aboutTcp ? all : ['-p', 'tcp'],
    target: 'REJECT --reject-with tcp-reset',
  };
  const others = { protocol: all, target: 'REJECT --reject-with icmp-port-unreachable' };
  return aboutTcp ? [ofTcp] : [ofTcp, others];
}

/** What a line says of the other end, each way in which it may be there. */
function peerMatch(option: '-s' | '-d', end: NodeName, addresses: Addresses): readonly string[] {
  if (end === NAME_SERVER) return [`${option} ${NAME_SERVER_ADDRESS}/32`];
  if (end !== CLIENT_SIDE) return [`${option} ${addressOf(end, addresses)}/32`];
  const network = networkOf(addresses);
  const way = option === '-s' ? '! -i lo' : '! -o lo';
  // The host itself, and whoever is outside of the nodes' network.
  return [`${option} ${network}.1/32`, `! ${option} ${network}.0/24 ${way}`];
}

function networkOf(addresses: Addresses): string {
  const [address = ''] = addresses.values();
  return address.slice(0, address.lastIndexOf('.'));
}

function addressOf(node: NodeName, addresses: Addresses): string {
  const address = addresses.get(node);
  if (address !== undefined) return address;
  const known = [...addresses.keys()].join(', ');
  throw new RangeError(`link names the unknown node ${node}; expected one of ${known}`);
}

/** One rule read back. */
export interface CountedRule extends RuleInForce {
  readonly link: Link;
  /** Whether nothing passes. */
  readonly whole: boolean;
}

const PLAIN = /^\[(\d+):\d+\] -A (FL-IN|FL-OUT) (?:-s|-d) ([\d.]+)(?:\/32)? -j DROP$/;
const NAMED = /^\[(\d+):\d+\] -A (?:FL-IN|FL-OUT) .*--comment "([^"]*)" .*-j (?:DROP|REJECT)/;
const ON_HOST = /^-A \S+ -s ([\d.]+)\/32 -d ([\d.]+)\/32 -c (\d+) \d+ -j DROP$/;
const NAMED_ON_HOST = /^-A \S+ .*--comment "([^"]*)" -c (\d+) \d+ -j DROP$/;

/** Reads `iptables-save -c -t filter` of a node. Foreign rules are passed over. */
export function parseRules(
  node: NodeName,
  saved: string,
  addresses: Addresses,
): readonly CountedRule[] {
  const names = namesOf(addresses);
  return parseLines(saved, (line) => {
    const [, packets, chain, address] = PLAIN.exec(line) ?? [];
    const peer = names.get(address ?? '');
    if (peer !== undefined) {
      const link = chain === INPUT_CHAIN ? { from: peer, to: node } : { from: node, to: peer };
      return wholeRule(link, packets);
    }
    const [, count, name] = NAMED.exec(line) ?? [];
    return name === undefined ? null : namedRule(name, count);
  });
}

/** Reads `iptables -v -S CHAIN` of the host. */
export function parseHostRules(listed: string, addresses: Addresses): readonly CountedRule[] {
  const names = namesOf(addresses);
  return parseLines(listed, (line) => {
    const [, source, destination, packets] = ON_HOST.exec(line) ?? [];
    const [from, to] = [names.get(source ?? ''), names.get(destination ?? '')];
    if (from !== undefined && to !== undefined) return wholeRule({ from, to }, packets);
    const [, name, count] = NAMED_ON_HOST.exec(line) ?? [];
    return name === undefined ? null : namedRule(name, count);
  });
}

function parseLines(
  text: string,
  parse: (line: string) => CountedRule | null,
): readonly CountedRule[] {
  const rules = text.split('\n').map((line) => parse(line.trim()));
  return rules.filter((rule) => rule !== null);
}

function wholeRule(link: Link, packets: string | undefined): CountedRule {
  return { name: linkKey(link), link, packets: Number(packets), whole: true };
}

/** From a rule's name back to its link: `n1->n2 reset`. */
function namedRule(name: string, packets: string | undefined): CountedRule | null {
  const [, from, to, action, more] = /^(\S+)->(\S+) (\S+)( .*)?$/.exec(name) ?? [];
  if (from === undefined || to === undefined || action === undefined) return null;
  const whole = more === undefined && isNode(from) && isNode(to);
  return { name, link: { from, to }, packets: Number(packets), whole };
}

function namesOf(addresses: Addresses): ReadonlyMap<string, NodeName> {
  return new Map([...addresses].map(([name, address]) => [address, name]));
}

/** Each link once, in the order of first mention. */
export function distinctLinks(links: Iterable<Link>): readonly Link[] {
  const byKey = new Map<string, Link>();
  for (const { from, to } of links) {
    const key = linkKey({ from, to });
    if (!byKey.has(key)) byKey.set(key, { from, to });
  }
  return [...byKey.values()];
}

/** Each rule once, in the order of first mention. */
export function distinctRules(rules: Iterable<LinkRule>): readonly LinkRule[] {
  const byName = new Map<string, LinkRule>();
  for (const rule of rules) {
    const name = ruleName(rule);
    if (!byName.has(name)) byName.set(name, rule);
  }
  return [...byName.values()];
}
