/**
 * Cuts as packet-filter rules of one node's own network namespace: own chains, always replaced whole, so that putting
 * them twice changes nothing. A link is stopped at both of its ends: the sender drops what goes out, the receiver what
 * comes in.
 */
import type { Link } from '../../testbed.ts';
import { linkKey } from '../../testbed.ts';
import type { NodeName } from '../../operation.ts';

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

/** For `iptables-restore --noflush`: exactly these links cut at this node, no others. */
export function rulesFor(
  node: NodeName,
  links: readonly Link[],
  addresses: ReadonlyMap<NodeName, string>,
): string {
  const rules = new Set<string>();
  for (const { from, to } of links) {
    if (to === node) rules.add(`-A ${INPUT_CHAIN} -s ${addressOf(from, addresses)}/32 -j DROP`);
    if (from === node) rules.add(`-A ${OUTPUT_CHAIN} -d ${addressOf(to, addresses)}/32 -j DROP`);
  }
  // Naming a chain with a policy line empties it, in the same transaction.
  const chains = [`:${INPUT_CHAIN} - [0:0]`, `:${OUTPUT_CHAIN} - [0:0]`];
  return ['*filter', ...chains, ...rules, 'COMMIT', ''].join('\n');
}

function addressOf(node: NodeName, addresses: ReadonlyMap<NodeName, string>): string {
  const address = addresses.get(node);
  if (address !== undefined) return address;
  const known = [...addresses.keys()].join(', ');
  throw new RangeError(`link names the unknown node ${node}; expected one of ${known}`);
}

/** One rule read back: the link it stops and the packets it has dropped. */
export interface CountedRule {
  readonly link: Link;
  readonly packets: number;
}

const RULE = /^\[(\d+):\d+\] -A (FL-IN|FL-OUT) (?:-s|-d) ([\d.]+)(?:\/32)? -j DROP$/;

/** Reads `iptables-save -c -t filter` of a node. Foreign rules are passed over. */
export function parseRules(
  node: NodeName,
  saved: string,
  addresses: ReadonlyMap<NodeName, string>,
): readonly CountedRule[] {
  const names = new Map([...addresses].map(([name, address]) => [address, name]));
  const rules: CountedRule[] = [];
  for (const line of saved.split('\n')) {
    const [, packets, chain, address] = RULE.exec(line.trim()) ?? [];
    const peer = names.get(address ?? '');
    if (peer === undefined) continue;
    const link = chain === INPUT_CHAIN ? { from: peer, to: node } : { from: node, to: peer };
    rules.push({ link, packets: Number(packets) });
  }
  return rules;
}

/** Each link once, in the order of first mention. */
export function distinctLinks(links: Iterable<Link>): readonly Link[] {
  const byKey = new Map<string, Link>();
  for (const link of links) if (!byKey.has(linkKey(link))) byKey.set(linkKey(link), link);
  return [...byKey.values()];
}
