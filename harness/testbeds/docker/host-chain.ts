/**
 * Links' rules on the engine's host, where we are root on it and bridged packets pass its filters: one chain of our own a
 * run, jumped to from where the engine leaves room for others' rules, and replaced whole, so that a partition of any
 * number of nodes is one transaction.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import type { LinkRule } from '../../packet-rules.ts';
import {
  type Addresses,
  type CountedRule,
  hostRules,
  parseHostRules,
} from '../supervised/link-rules.ts';

/** Chains have at most 28 characters (iptables(8)). */
const LONGEST_NAME = 28;
/** Where the jump is: the first is the engine's own chain for this, asked before its rules; the second is for engines without. */
const PARENTS = ['DOCKER-USER', 'FORWARD'] as const;

/** The chain of a run. Nothing else on the host begins with `FL-`. */
export function hostChainOf(runId: string): string {
  const name = `FL-${runId}`;
  if (name.length <= LONGEST_NAME) return name;
  const digest = createHash('sha256').update(runId).digest('hex').slice(0, 10);
  return `${name.slice(0, LONGEST_NAME - 11)}-${digest}`;
}

export class HostChain {
  readonly name: string;
  readonly #addresses: Addresses;
  readonly #parent: string;
  #installed = false;
  #wanted: readonly LinkRule[] = [];
  /** The change under way, after which what is wanted then is put. */
  #turn: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  readonly #counted = new Map<string, CountedRule>();

  private constructor(runId: string, addresses: Addresses, parent: string) {
    this.name = hostChainOf(runId);
    this.#addresses = addresses;
    this.#parent = parent;
  }

  /**
   * A chain for the run, if a packet sent from one container to another is seen by the host's filters. Nothing is left
   * there.
   * @param send passes a packet from the first address to the second
   */
  static async probe(
    runId: string,
    addresses: Addresses,
    send: () => Promise<unknown>,
  ): Promise<HostChain | null> {
    const [from, to] = [...addresses.values()];
    if (process.getuid?.() !== 0 || from === undefined || to === undefined) return null;
    const parent = await parentChain();
    if (parent === null) return null;
    const chain = new HostChain(runId, addresses, parent);
    try {
      await chain.#restore([...chain.#begin(), `-A ${chain.name} -s ${from} -d ${to} -j RETURN`]);
      chain.#installed = true;
      await send();
      const counted = /-c (\d+) \d+ -j RETURN/.exec(await chain.#list())?.[1];
      return Number(counted ?? 0) > 0 ? chain : null;
    } catch {
      return null; // iptables is missing, or refuses: the nodes' own rules serve
    } finally {
      await chain.#change([]).catch(() => undefined); // nothing was put, then
    }
  }

  /** Exactly these rules. Begins synchronously, unless another change is under way. */
  set(rules: readonly LinkRule[]): Promise<void> {
    this.#wanted = rules;
    if (this.#turn === null) return (this.#turn = this.#takeTurn());
    // Whatever is wanted when the turn comes: several changes meanwhile are one.
    this.#next ??= this.#turn
      .catch(() => undefined) // told to whoever asked for it
      .then(() => {
        this.#next = null;
        return (this.#turn = this.#takeTurn());
      });
    return this.#next;
  }

  /** The rules that are there. */
  async read(): Promise<readonly CountedRule[]> {
    if (!this.#installed) return [];
    return parseHostRules(await this.#list().catch(() => ''), this.#addresses);
  }

  /** What rules since replaced had counted. */
  replaced(): readonly CountedRule[] {
    return [...this.#counted.values()];
  }

  async #takeTurn(): Promise<void> {
    try {
      await this.#change(this.#wanted);
    } finally {
      if (this.#next === null) this.#turn = null;
    }
  }

  async #change(rules: readonly LinkRule[]): Promise<void> {
    if (this.#installed) {
      // Gone: somebody healed in our place (a guardian that took us for hung). Then it is put anew, with its jump.
      const listed = await this.#list().catch(() => null);
      this.#installed = listed !== null;
      this.#keepCounts(parseHostRules(listed ?? '', this.#addresses));
    }
    await this.#put(rules);
  }

  async #put(rules: readonly LinkRule[]): Promise<void> {
    const lines = hostRules(this.name, rules, this.#addresses);
    if (lines.length === 0) {
      if (this.#installed) await this.#restore(removal(this.name, this.#parent));
      this.#installed = false;
      return;
    }
    const begin = this.#installed ? [`:${this.name} - [0:0]`] : this.#begin();
    await this.#restore([...begin, ...lines]);
    this.#installed = true;
  }

  #begin(): readonly string[] {
    return [`:${this.name} - [0:0]`, `-I ${this.#parent} 1 -j ${this.name}`];
  }

  #keepCounts(rules: readonly CountedRule[]): void {
    for (const rule of rules) {
      const packets = rule.packets + (this.#counted.get(rule.name)?.packets ?? 0);
      this.#counted.set(rule.name, { ...rule, packets });
    }
  }

  async #restore(lines: readonly string[]): Promise<void> {
    await restoreOnHost(lines);
  }

  #list(): Promise<string> {
    return run(['iptables', '-w', '-v', '-S', this.name]);
  }
}

/** Takes away a run's chain and every jump to it, and looks; one that is gone counts as done. @throws iptables' words */
export async function removeHostChain(chain: string): Promise<void> {
  if (!(await chainIsThere(chain))) return;
  const listed = await run(['iptables-save', '-t', 'filter']);
  const jumps = listed
    .split('\n')
    .filter((line) => line.startsWith('-A ') && line.endsWith(` -j ${chain}`))
    .map((line) => line.replace('-A ', '-D '));
  await restoreOnHost([...jumps, `-F ${chain}`, `-X ${chain}`]);
  if (await chainIsThere(chain)) throw new Error(`chain ${chain} is still there`);
}

/** Every chain of ours on this host. Empty where we may not look. */
export async function hostChains(): Promise<readonly string[]> {
  if (process.getuid?.() !== 0) return [];
  const listed = await run(['iptables', '-w', '-S']).catch(() => ''); // no iptables, no chains
  return [...listed.matchAll(/^-N (FL-\S+)$/gm)].map(([, name]) => name ?? '');
}

function removal(chain: string, parent: string): readonly string[] {
  return [`-D ${parent} -j ${chain}`, `-F ${chain}`, `-X ${chain}`];
}

async function parentChain(): Promise<string | null> {
  const listed = await run(['iptables', '-w', '-S']).catch(() => ''); // no iptables: no chain
  return PARENTS.find((name) => new RegExp(`^-[NP] ${name}\\b`, 'm').test(listed)) ?? null;
}

async function chainIsThere(chain: string): Promise<boolean> {
  const listed = await run(['iptables', '-w', '-S']);
  return listed.split('\n').includes(`-N ${chain}`);
}

async function restoreOnHost(lines: readonly string[]): Promise<void> {
  const rules = ['*filter', ...lines, 'COMMIT', ''].join('\n');
  await run(['iptables-restore', '-w', '--noflush'], rules);
}

/** Runs a command of the host; begun before the call returns. @returns its stdout @throws its words */
function run([program = '', ...rest]: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { stdio: 'pipe' });
    const texts = { out: '', error: '' };
    child.stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (texts.error += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(texts.out);
      else reject(new Error(`${program}: ${texts.error.trim()}`));
    });
    child.stdin.on('error', () => undefined); // it ended before it read all: its words tell why
    child.stdin.end(input);
  });
}
