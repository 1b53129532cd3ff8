/**
 * Swizzle: the links of drawn pairs of nodes are cut one pair after another, and healed one after another in another
 * order. (FoundationDB calls it "swizzle-clogging", and the best at finding faults of all that it has: Zhou et al.,
 * "FoundationDB: A Distributed Unbundled Transactional Key Value Store", SIGMOD 2021.)
 */
import type { Armed } from '../harness/nemesis.ts';
import { MILLISECOND, type Nanoseconds, SECOND } from '../harness/operation.ts';
import type { LinkRule } from '../harness/packet-rules.ts';
import type { Draws } from '../harness/random.ts';
import { type Link, linkKey } from '../harness/testbed.ts';
import { between, pairsOf } from './grudge.ts';
import { ArmedLinks, type LinkFaultKind, type LinkFaultParts } from './link-fault.ts';
import { numberForm, numberOf } from './parameters.ts';

/** All cuts together, and all healings together, take no longer. */
const LONGEST = 2 * SECOND;

const parameters = {
  every: numberForm(
    'milliseconds from one pair to the next; less when all would take over 2 s',
    200,
    1,
  ),
};

export const swizzle: LinkFaultKind = {
  kind: 'partition-swizzle',
  summary: 'drawn pairs of nodes parted one by one, and healed one by one in another order',
  about: {
    needs:
      "iptables in the image, or root on the engine's host and bridged packets that pass its filters",
    verified:
      'when all are cut: rules read back; connects and datagrams from inside; packets counted',
    healed: 'pair by pair; gone with the harness: all at once, own chains emptied',
    peers: 'FoundationDB (in simulation)',
  },
  parameters,
  selectors: ['all', 'majority', 'minority', 'one', 'leader'],
  leastNodes: 2,
  links: ({ selected, nodes, draws }) => {
    const touched = pairsOf(nodes).filter((pair) => pair.some((node) => selected.includes(node)));
    return drawPairs(touched, draws).flatMap(([a, b]) => between([a], [b]));
  },
  arm: (parts) => new ArmedSwizzle(parts),
};

/** Some of the pairs (two at least, where there are two), in a drawn order. */
export function drawPairs<T>(pairs: readonly T[], draws: Draws): readonly T[] {
  const shuffled = draws.shuffle(pairs);
  const least = Math.min(2, pairs.length);
  return shuffled.slice(0, least + draws.below(shuffled.length - least + 1));
}

/** The rules of each pair, in the order of first mention. */
export function byPair<T extends Link>(rules: readonly T[]): readonly (readonly T[])[] {
  const pairs = new Map<string, T[]>();
  for (const rule of rules) {
    const [from = '', to = ''] = [rule.from, rule.to].sort();
    const key = linkKey({ from, to });
    pairs.set(key, [...(pairs.get(key) ?? []), rule]);
  }
  return [...pairs.values()];
}

/** Another order of as many things, where there is one. */
export function anotherOrder(count: number, draws: Draws): readonly number[] {
  const straight = Array.from({ length: count }, (_, index) => index);
  const drawn = draws.shuffle(straight);
  return drawn.every((place, index) => place === index) ? [...straight].reverse() : drawn;
}

class ArmedSwizzle extends ArmedLinks implements Armed {
  readonly #pairs: readonly (readonly LinkRule[])[];
  readonly #pace: Nanoseconds;
  #cutting: Promise<void> = Promise.resolve();
  #healing = false;

  constructor(parts: LinkFaultParts) {
    super(parts);
    this.#pairs = byPair(parts.rules);
    const every = numberOf(parts.context.step, parameters, 'every') * MILLISECOND;
    this.#pace = Math.min(every, LONGEST / this.#pairs.length);
  }

  override fire(): void {
    this.#cut(0);
    this.#cutting = this.#cutOthers();
  }

  override async done(): Promise<void> {
    await this.#cutting;
    await super.done();
  }

  override async verify(): ReturnType<ArmedLinks['verify']> {
    await this.done();
    return super.verify();
  }

  override async heal(): Promise<void> {
    this.#healing = true;
    await this.done();
    const { cluster, clock, random, step } = this.parts.context;
    const draws = random.sequence(`swizzle/${step.lane}`, step.draw);
    const ends: Promise<void>[] = [];
    for (const [place, index] of anotherOrder(this.#pairs.length, draws).entries()) {
      if (place > 0) await clock.sleep(this.#pace);
      ends.push(cluster.network.heal(this.#key(index)));
    }
    await Promise.all(ends);
  }

  async #cutOthers(): Promise<void> {
    for (let index = 1; index < this.#pairs.length; index++) {
      await this.parts.context.clock.sleep(this.#pace);
      if (this.#healing) return;
      this.#cut(index);
    }
  }

  #cut(index: number): void {
    this.put(this.#key(index), this.#pairs[index] ?? []);
  }

  #key(index: number): string {
    return `${this.parts.context.step.id}/${index}`;
  }
}
