import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../harness/event.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import { seededRandom } from '../../harness/random.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import { type Seat, SimulatedGroup } from './simulated-group.ts';

const NODES = ['n1', 'n2', 'n3'];

/** A group, a process on each node that writes down what it takes, and the world that it hears of. */
class World {
  readonly clock = new SimulatedClock();
  readonly group: SimulatedGroup;
  readonly seats = new Map<string, Seat>();
  readonly heard = new Map<string, string[]>();
  #processes = 0;

  constructor(seed = 1n) {
    const draws = seededRandom(seed).sequence('process group');
    this.group = new SimulatedGroup({ nodes: NODES, clock: this.clock, draws });
  }

  join(node: string): void {
    const lines: string[] = [];
    const seat: Seat = this.group.join({ node, process: ++this.#processes }, (after) => {
      this.clock.at(this.clock.now() + after, () => {
        for (const news of this.group.take(seat)) {
          if (news.kind === 'ring') lines.push(`ring of ${news.hosts.join(' ')}`);
          else if (news.kind === 'message') lines.push(JSON.stringify(news.message));
          else {
            const { members, left, joined } = news.change;
            const [all, gone, come] = [members, left, joined].map((list) =>
              list.map((one) => one.node).join(' '),
            );
            lines.push(`[${all}] -[${gone}] +[${come}]`);
          }
        }
      });
    });
    this.seats.set(node, seat);
    this.heard.set(node, lines);
  }

  note(node: string, number: number): void {
    const seat = this.seats.get(node)!;
    this.group.multicast(seat, { type: 'note', sender: seat.address, number });
  }

  links(type: 'link-cut' | 'link-healed', one: string, others: readonly string[]): void {
    const links = others.flatMap((other) => [
      { from: one, to: other },
      { from: other, to: one },
    ]);
    this.hear({ type, links, notBefore: 0, notAfter: 0 });
  }

  down(node: string, cause: 'killed' | 'crashed'): void {
    this.hear({ type: 'node-down', node, cause, expected: true, notBefore: 0, notAfter: 0 });
  }

  hear(event: RunEvent): void {
    this.group.hear(event);
  }

  async all(): Promise<void> {
    for (const node of NODES) {
      this.join(node);
      await this.clock.sleep(20 * MILLISECOND);
    }
    for (const lines of this.heard.values()) lines.length = 0;
  }
}

describe('a simulated group', () => {
  it('tells all members the same in one order', async () => {
    const world = new World();
    await world.all();
    for (let number = 0; number < 20; number++) world.note(NODES[number % 3]!, number);
    world.down('n2', 'killed');
    world.note('n1', 99);
    await world.clock.sleep(SECOND);
    const [first] = world.heard.values();
    expect(first).toHaveLength(22);
    expect(first?.at(-2)).toBe('[n1 n3] -[n2] +[]');
    expect(world.heard.get('n3')).toEqual(first);
  });

  it('notices a lost host after a token’s time, and orders nothing until then', async () => {
    const world = new World();
    await world.all();
    world.down('n1', 'crashed');
    world.note('n2', 1);
    await world.clock.sleep(1600 * MILLISECOND);
    expect(world.heard.get('n2')).toEqual([]);
    await world.clock.sleep(400 * MILLISECOND);
    expect(world.heard.get('n2')?.slice(0, 2)).toEqual(['ring of n2 n3', '[n2 n3] -[n1] +[]']);
    expect(world.heard.get('n2')).toHaveLength(3);
    expect(world.heard.get('n3')).toEqual(world.heard.get('n2'));
  });

  it('parts, and merges: each side is told of the other', async () => {
    const world = new World();
    await world.all();
    world.links('link-cut', 'n3', ['n1', 'n2']);
    await world.clock.sleep(3 * SECOND);
    expect([world.group.isQuorate('n1'), world.group.isQuorate('n3')]).toEqual([true, false]);
    world.links('link-healed', 'n3', ['n1', 'n2']);
    await world.clock.sleep(SECOND);
    expect(world.heard.get('n3')).toEqual([
      'ring of n3',
      '[n3] -[n1 n2] +[]',
      'ring of n1 n2 n3',
      '[n1 n2 n3] -[] +[n1 n2]',
    ]);
    expect(world.heard.get('n1')?.at(-1)).toBe('[n1 n2 n3] -[] +[n3]');
  });

  it('takes back a host that was lost for less than a token’s time, as another one', async () => {
    const world = new World();
    await world.all();
    world.down('n2', 'crashed');
    world.down('n3', 'killed');
    await world.clock.sleep(500 * MILLISECOND);
    world.hear({ type: 'node-up', node: 'n2', notBefore: 0, notAfter: 0 });
    await world.clock.sleep(SECOND);
    expect(world.group.isQuorate('n2')).toBe(true);
    expect(world.heard.get('n1')).toEqual(['ring of n1 n2 n3', '[n1] -[n2 n3] +[]']);
  });

  it('forgets a cut that is healed before it was noticed', async () => {
    const world = new World();
    await world.all();
    world.links('link-cut', 'n3', ['n1']);
    world.note('n1', 1);
    await world.clock.sleep(SECOND);
    world.links('link-healed', 'n3', ['n1']);
    await world.clock.sleep(3 * SECOND);
    for (const node of NODES) expect(world.heard.get(node), node).toHaveLength(1);
  });
});
