/**
 * Rules finer than a whole link: by port, by connection, by what a packet holds, and for others than nodes. A rule
 * names the direction in which data flows, whoever dialled. Networks that have them say so (`Network.packets`).
 */
import { createHash } from 'node:crypto';
import type { NodeName } from './operation.ts';
import type { Link } from './testbed.ts';
import type { Undo } from './undo.ts';

/**
 * The end of a link where everything outside the cluster is: the clients and observers of the harness. No node has such
 * a name. The control channel to the nodes does not pass here.
 */
export const CLIENT_SIDE: NodeName = '@clients';
/** The end of a link where a node's name server is. */
export const NAME_SERVER: NodeName = '@names';

/** A link of which some packets, or all, do not get through. Without more than a link: all are dropped. */
export interface LinkRule extends Link {
  /** Which packets. Default: all. */
  readonly only?: PacketMatch;
  /** What becomes of them. Default: drop. */
  readonly action?: RuleAction;
}

/**
 * `drop`: silence. `reset`: the sender of the packet is told that the connection is no more (ECONNREFUSED for a dial,
 * ECONNRESET for a live connection; what is not TCP: port unreachable). `unreachable`: it is told that there is no way
 * to the host (EHOSTUNREACH for a dial; live connections go on trying).
 */
export type RuleAction = 'drop' | 'reset' | 'unreachable';

/** All that is given must hold. */
export interface PacketMatch {
  /** TCP packets with this port at either end. */
  readonly port?: number;
  /** TCP packets that open a connection (SYN without ACK): dials. */
  readonly dials?: true;
  /** TCP packets that hold these bytes in one piece. A byte is `\xNN`, a backslash `\\`; other text is UTF-8. */
  readonly holds?: string;
  /** TCP packets with so many bytes of data, [least, most]. */
  readonly length?: readonly [number, number];
  /** Each with this chance, in (0, 1]. Drawn by the kernel: not reproducible from the seed. */
  readonly probability?: number;
  /** At most so many packets since the rules were last changed. */
  readonly atMost?: number;
}

/** A rule as it is read back, with the packets that met it since the rules were last changed. */
export interface RuleInForce {
  /** Names the rule: equal rules, equal names (see `ruleName`). */
  readonly name: string;
  readonly packets: number;
}

/** What a dial met. `silence`: no answer in time. */
export type DialOutcome = 'open' | 'refused' | 'unreachable' | 'silence';

export interface PacketRules {
  /** What takes these rules away when nobody is left to heal them. */
  undo(rules: readonly LinkRule[]): Undo;
  /** Why this network cannot have such a rule, or null. */
  lacks(rule: LinkRule): string | null;
  /** As `Network.cut`, and healed by the same key with `Network.heal`. Begins synchronously. */
  put(key: string, rules: readonly LinkRule[]): Promise<void>;
  /** Rules that the testbed's own means say are there now, read back, not remembered. */
  inForce(): Promise<readonly RuleInForce[]>;
  /** Packets that met each rule so far, by name, since the cluster was brought up. */
  counted(): Promise<ReadonlyMap<string, number>>;
  /** Ports, at their own ends, of the live connections that clients have with a node now. */
  clientPorts(node: NodeName): Promise<readonly number[]>;
  /** Dials a TCP port of a node now, from inside the other end (`CLIENT_SIDE`: from here). */
  dial(link: Link, port: number): Promise<DialOutcome>;
  /** Whether a node's name server answers it now. */
  resolves(node: NodeName): Promise<boolean>;
}

/** Whether nothing at all passes in the rule's direction. */
export function isWhole({ only }: LinkRule): boolean {
  return only === undefined || Object.keys(only).length === 0;
}

/** `n1->n2`, `n1->n2 drop port 2888`: equal rules have equal names, and different ones different names. */
export function ruleName({ from, to, only = {}, action = 'drop' }: LinkRule): string {
  const words = [
    action,
    ...(only.dials === true ? ['dials'] : []),
    ...(only.port === undefined ? [] : [`port ${only.port}`]),
    ...(only.holds === undefined ? [] : [`holds ${hexOf(only.holds)}`]),
    ...(only.length === undefined ? [] : [`length ${only.length.join('-')}`]),
    ...(only.probability === undefined ? [] : [`p ${only.probability}`]),
    ...(only.atMost === undefined ? [] : [`first ${only.atMost}`]),
  ];
  const plain = words.length === 1 && action === 'drop' && !`${from}${to}`.includes('@');
  return plain ? `${from}->${to}` : `${from}->${to} ${words.join(' ')}`;
}

/** The bytes that a text of `PacketMatch.holds` means. @throws for an escape that is none */
export function bytesOf(holds: string): Uint8Array {
  const parts: Buffer[] = [];
  for (const [piece] of holds.matchAll(/\\x[0-9a-fA-F]{2}|\\\\|\\|[^\\]+/g)) {
    if (piece === '\\') throw new Error(`expected \\xNN or \\\\ after a backslash in "${holds}"`);
    if (piece === '\\\\') parts.push(Buffer.from('\\'));
    else if (piece.startsWith('\\x')) parts.push(Buffer.from(piece.slice(2), 'hex'));
    else parts.push(Buffer.from(piece));
  }
  return Buffer.concat(parts);
}

/** Long texts by their beginning and a digest: the kernel keeps 255 characters of a rule's name. */
function hexOf(holds: string): string {
  const bytes = bytesOf(holds);
  const hex = Buffer.from(bytes).toString('hex');
  if (bytes.length <= 32) return hex;
  return `${hex.slice(0, 40)}...${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
}
