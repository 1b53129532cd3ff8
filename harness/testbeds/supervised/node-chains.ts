/**
 * Links' rules in each node's own network namespace, put and read through whoever acts there: its supervisor, or a
 * container beside it where its image lacks iptables.
 */
import type { NodeName } from '../../operation.ts';
import type { LinkRule } from '../../packet-rules.ts';
import type { ExecResult } from '../../testbed.ts';
import {
  type Addresses,
  type CountedRule,
  INSTALL_CHAINS,
  parseRules,
  rulesFor,
} from './link-rules.ts';

/** Runs commands in a node's network namespace, one after another in the order of the calls. */
export interface RuleHands {
  execInOrder(argv: readonly string[], input: string): Promise<ExecResult>;
}

const RESTORE = ['iptables-restore', '-w', '--noflush'] as const;
const SAVE = ['iptables-save', '-c', '-t', 'filter'] as const;
const SAVE_AND_RESTORE = ['sh', '-c', `${SAVE.join(' ')} && exec ${RESTORE.join(' ')}`] as const;

export class NodeChains {
  readonly #addresses: Addresses;
  /** Nodes whose chains have rules, by what was last put. */
  readonly #ruled = new Set<NodeName>();
  /** Packets that rules since replaced have met, by node and rule. */
  readonly #counted = new Map<NodeName, Map<string, CountedRule>>();

  constructor(addresses: Addresses) {
    this.#addresses = addresses;
  }

  /** Puts the chains into a namespace that is new. Begins synchronously. */
  async install(node: NodeName, hands: RuleHands): Promise<void> {
    this.#ruled.delete(node);
    await this.#put(node, hands, INSTALL_CHAINS, false);
  }

  /** Exactly these rules. Begins synchronously. */
  async apply(node: NodeName, hands: RuleHands, rules: readonly LinkRule[]): Promise<void> {
    const had = this.#ruled.has(node);
    if (rules.length > 0) this.#ruled.add(node);
    else this.#ruled.delete(node);
    await this.#put(node, hands, rulesFor(node, rules, this.#addresses), had);
  }

  /** The rules that are there. */
  async read(node: NodeName, hands: RuleHands): Promise<readonly CountedRule[]> {
    const { code, stdout, stderr } = await hands.execInOrder(SAVE, '');
    if (code !== 0) throw new Error(`${node}: iptables-save: ${stderr.trim()}`);
    return parseRules(node, stdout, this.#addresses);
  }

  /** What rules of this node since replaced had counted. */
  replaced(node: NodeName): readonly CountedRule[] {
    return [...(this.#counted.get(node)?.values() ?? [])];
  }

  /** @param counting whether rules are replaced whose counts are to be kept. */
  async #put(node: NodeName, hands: RuleHands, rules: string, counting: boolean): Promise<void> {
    const argv = counting ? SAVE_AND_RESTORE : RESTORE;
    const { code, stdout, stderr } = await hands.execInOrder(argv, rules);
    if (code !== 0) throw new Error(`${node}: iptables-restore: ${stderr.trim()}`);
    const counted = this.#counted.get(node) ?? new Map<string, CountedRule>();
    this.#counted.set(node, counted);
    for (const rule of parseRules(node, stdout, this.#addresses)) {
      const packets = rule.packets + (counted.get(rule.name)?.packets ?? 0);
      counted.set(rule.name, { ...rule, packets });
    }
  }
}
