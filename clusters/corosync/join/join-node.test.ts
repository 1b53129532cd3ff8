import { describe, expect, it } from 'vitest';
import { JoinNode } from './join-node.ts';
import { type Address, type Message, rulesOf } from './protocol.ts';

type News = (node: JoinNode) => void;

/** One process of a group by hand: what comes waits until `run`, and is kept while it is stopped. */
interface Process {
  readonly node: JoinNode;
  readonly address: Address;
  readonly inbox: News[];
  stopped: boolean;
}

/** A group whose order is that of the calls. Writing an epoch down takes until `write`. */
class HandGroup {
  readonly gaveUp: string[] = [];
  readonly #version: string;
  #members: Process[] = [];
  #starts = 0;
  #writes: (() => void)[] = [];

  constructor(version: string) {
    this.#version = version;
  }

  start(name: string): Process {
    const address = { node: name, process: ++this.#starts };
    const inbox: News[] = [];
    const node: JoinNode = new JoinNode(
      {
        self: address,
        nodeCount: 3,
        storedEpoch: 0,
        newCluster: `${name}-${this.#starts}`,
        multicast: (message) => this.#order((each) => each.deliver(structuredClone(message))),
        write: () => this.#writes.push(() => node.written()),
        noted: () => undefined,
        giveUp: (why) => this.gaveUp.push(why),
      },
      rulesOf(this.#version),
    );
    const process = { node, address, inbox, stopped: false };
    this.#members = [...this.#members, process];
    this.#change([], [address]);
    return process;
  }

  kill(process: Process): void {
    this.#members = this.#members.filter((other) => other !== process);
    process.inbox.length = 0;
    this.#change([process.address], []);
  }

  /** All that can happen, but no writes. */
  run(): void {
    for (let busy = true; busy;) {
      busy = false;
      for (const process of this.#members) {
        if (process.stopped) continue;
        const news = process.inbox.shift();
        news?.(process.node);
        busy ||= news !== undefined;
      }
    }
  }

  /** All that can happen. */
  settle(): void {
    for (this.run(); this.#writes.length > 0; this.run()) {
      const writes = this.#writes;
      this.#writes = [];
      for (const written of writes) written();
    }
  }

  /** Each side is told that the other left, and then that it came. */
  partAndMerge(side: readonly Process[]): void {
    const others = this.#members.filter((process) => !side.includes(process));
    for (const [near, far] of [
      [side, others],
      [others, side],
    ] as const) {
      const [members, left] = [near, far].map((list) => list.map(({ address }) => address)) as [
        Address[],
        Address[],
      ];
      for (const { inbox } of near) {
        inbox.push((node) =>
          node.ringChanged(
            `ring of ${near.length}`,
            members.map((m) => m.node),
          ),
        );
        inbox.push((node) => node.groupChanged({ members, left, joined: [] }));
      }
    }
    this.settle();
    const all = this.#members.map(({ address }) => address);
    for (const [near, far] of [
      [side, others],
      [others, side],
    ] as const) {
      const joined = far.map(({ address }) => address);
      for (const { inbox } of near) {
        inbox.push((node) => node.groupChanged({ members: all, left: [], joined }));
      }
    }
    this.settle();
  }

  #order(news: News): void {
    for (const { inbox } of this.#members) inbox.push(news);
  }

  #change(left: readonly Address[], joined: readonly Address[]): void {
    const members = this.#members.map(({ address }) => address);
    this.#order((node) => node.groupChanged({ members, left, joined }));
  }
}

const ALL = ['before-0.4', 'self-election', 'without-master', 'with-quorum'];

/** Each started when the one before it is in. */
function inTurn(group: HandGroup, names: readonly string[]): readonly Process[] {
  return names.map((name) => {
    const process = group.start(name);
    group.settle();
    return process;
  });
}

function epochs(processes: readonly Process[]): (string | null)[] {
  return processes.map(({ node }) => {
    const { view } = node.status;
    return view === null ? null : `${view.epoch}: ${view.members.join(' ')}`;
  });
}

describe.each(ALL)('%s', (version) => {
  it('lets nodes in one after the other, and agrees on epochs and members', () => {
    const group = new HandGroup(version);
    const nodes = inTurn(group, ['n1', 'n2', 'n3']);
    expect(epochs(nodes)).toEqual(['3: n1 n2 n3', '3: n1 n2 n3', '3: n1 n2 n3']);
    expect(nodes.map(({ node }) => node.status.waiting)).toEqual([[], [], []]);
  });

  it('goes on when a master dies that has answered', () => {
    const group = new HandGroup(version);
    const [n1, n2] = inTurn(group, ['n1', 'n2']) as [Process, Process];
    group.kill(n1);
    group.settle();
    const [n3] = inTurn(group, ['n3']) as [Process];
    expect(epochs([n2, n3])).toEqual(['4: n2 n3', '4: n2 n3']);
  });

  it('goes on with another member when the master dies before it answers (c4e35597)', () => {
    const group = new HandGroup(version);
    const [n1, n2] = inTurn(group, ['n1', 'n2']) as [Process, Process];
    n1.stopped = true;
    const n3 = group.start('n3');
    group.run();
    group.kill(n1);
    group.settle();
    expect(epochs([n2, n3])).toEqual(['4: n2 n3', '4: n2 n3']);
  });

  it('passes notes to whoever is in, behind changes that wait', () => {
    const group = new HandGroup(version);
    const n1 = group.start('n1');
    expect(n1.node.note(1)).toBe(false);
    group.settle();
    expect(n1.node.note(2)).toBe(true);
  });
});

describe('the only member dies before it answers', () => {
  const dies = (version: string): { n2: Process; n3: Process; n1: Process } => {
    const group = new HandGroup(version);
    const old = group.start('n1');
    group.settle();
    old.stopped = true;
    const n2 = group.start('n2');
    group.run();
    group.kill(old);
    group.settle();
    const [n3, n1] = inTurn(group, ['n3', 'n1']) as [Process, Process];
    return { n1, n2, n3 };
  };

  it('before 0.4: the joiner and all after it wait for ever', () => {
    const { n1, n2, n3 } = dies('before-0.4');
    expect([n1, n2, n3].map(({ node }) => node.status.joined)).toEqual([false, false, false]);
    expect(n2.node.status.waiting).toEqual([
      'join of n2',
      'leave of n1',
      'join of n3',
      'join of n1',
    ]);
  });

  it.each(ALL.slice(1))('%s: exactly the first joiner lets itself in', (version) => {
    const { n1, n2, n3 } = dies(version);
    expect(epochs([n2, n3, n1])).toEqual(Array(3).fill('3: n2 n3 n1'));
    expect(new Set([n1, n2, n3].map(({ node }) => node.status.view?.cluster)).size).toBe(1);
  });
});

describe('two joins at once', () => {
  const join = (version: string): (string | null)[] => {
    const group = new HandGroup(version);
    const n1 = group.start('n1');
    group.settle();
    n1.stopped = true;
    const n2 = group.start('n2');
    const n3 = group.start('n3');
    group.run();
    n1.stopped = false;
    group.settle();
    return epochs([n1, n2, n3]);
  };

  it.each(['before-0.4', 'self-election'])('%s: the second is an epoch behind', (version) => {
    expect(join(version)).toEqual(['3: n1 n2 n3', '3: n1 n2 n3', '2: n1 n2 n3']);
  });

  it.each(['without-master', 'with-quorum'])('%s: all are in one epoch', (version) => {
    expect(join(version)).toEqual(Array(3).fill('3: n1 n2 n3'));
  });
});

describe('rings that merge', () => {
  const merge = (version: string): { nodes: readonly Process[]; group: HandGroup } => {
    const group = new HandGroup(version);
    const nodes = inTurn(group, ['n1', 'n2', 'n3']);
    group.partAndMerge(nodes.slice(2));
    return { nodes, group };
  };

  it.each(['before-0.4', 'self-election'])('%s: each side keeps its master', (version) => {
    const { nodes } = merge(version);
    expect(nodes.map(({ node }) => node.status.master)).toEqual([true, false, true]);
    expect(nodes[0]?.node.status.waiting).toEqual(['join of n3, not asked for yet']);
  });

  it('with quorum: the smaller side gives up', () => {
    expect(merge('with-quorum').group.gaveUp).toEqual(['ring ring of 1 has 1 of 3 nodes']);
  });
});

it('a second answer to one request is of no consequence', () => {
  const group = new HandGroup('without-master');
  const [n1, n2, n3] = inTurn(group, ['n1', 'n2', 'n3']) as [Process, Process, Process];
  const late: Message = {
    type: 'join-response',
    joiner: n3.address,
    members: [],
    cluster: 'other',
    epoch: 40,
  };
  for (const { node } of [n1, n2, n3]) node.deliver(late);
  expect(epochs([n1, n2, n3])).toEqual(Array(3).fill('3: n1 n2 n3'));
});

it('names the versions when asked for another', () => {
  expect(() => rulesOf('0.5')).toThrow('expected one of before-0.4, self-election');
});
