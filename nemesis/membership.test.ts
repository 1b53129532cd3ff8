import { describe, expect, test } from 'vitest';
import type { Member, Membership } from '../harness/membership.ts';
import { SECOND } from '../harness/operation.ts';
import { everyNode } from '../harness/testbed.ts';
import { FakeRun, type FakeRunOptions, step } from '../test/fakes/fake-run.ts';
import { keepsQuorum, memberAdd, memberRemove, memberReplace, staysQuorum } from './membership.ts';

const FAULTS = new Map(
  [memberRemove, memberReplace, memberAdd].map((fault) => [fault.kind, fault]),
);

/** Members in memory, told by any node whose server runs. */
class FakeMembership implements Membership {
  members_: Member[] = ['n1', 'n2', 'n3'].map((node) => ({ node, id: `${node}/1` }));
  /** Changes are accepted and not made. */
  lying = false;
  /** Requests refused before one is accepted. */
  refusals = 0;
  cleared = 0;
  #ids = 1;

  members = async (...[cluster, by]: Parameters<Membership['members']>): Promise<Member[]> => {
    if (cluster.node(by).incarnation() === null) throw new Error('refused');
    if (!this.members_.some(({ node }) => node === by)) throw new Error('not a member');
    return [...this.members_];
  };
  remove = async (...[, member]: Parameters<Membership['remove']>): Promise<void> => {
    if (this.refusals-- > 0) throw new Error('unhealthy cluster');
    if (!this.lying) this.members_ = this.members_.filter(({ id }) => id !== member.id);
  };
  add = async (...[, node]: Parameters<Membership['add']>): Promise<void> => {
    if (this.refusals-- > 0) throw new Error('unhealthy cluster');
    this.members_ = [...this.members_, { node, id: `${node}/${++this.#ids}` }];
  };
  clear = async (): Promise<void> => void this.cleared++;
  joining = (): ((command: readonly string[]) => readonly string[]) => (command) => command;
  byHand = (): string => 'member add';
  byHandOut = (): string => 'member remove';
}

function runWith(options: Partial<FakeRunOptions> = {}): {
  run: FakeRun;
  membership: FakeMembership;
} {
  const membership = new FakeMembership();
  const run = new FakeRun({ faults: FAULTS, membership, ...options });
  // A machine, as far as faults ask.
  for (const node of everyNode(run.cluster))
    Object.assign(node, { exec: () => Promise.reject(new Error()) });
  return { run, membership };
}

async function live(run: FakeRun): Promise<void> {
  await run.lanes.idle();
  await run.lanes.end();
}

const ALL = ['intended', 'armed', 'fired', 'verified', 'healing', 'healed'];

describe('member faults', () => {
  test('replace: another member of the same node, without its data', async () => {
    const { run, membership } = runWith();
    run.enqueue(
      step({ id: 'it', kind: 'member-replace', selector: ['n2'], heal: { after: SECOND } }),
    );
    await live(run);
    expect(run.states('it')).toEqual(ALL);
    expect(membership.members_.find(({ node }) => node === 'n2')?.id).toBe('n2/2');
    expect(membership.cleared).toBe(1);
    expect(run.record('it', 'armed')?.undo).toEqual([
      {
        act: 'by-hand',
        node: 'n2',
        what: 'n2 was taken out of the members',
        command: 'member add',
      },
    ]);
  });

  test('remove: gone until it is healed, whatever is refused meanwhile', async () => {
    const { run, membership } = runWith();
    membership.refusals = 3;
    run.enqueue(
      step({ id: 'it', kind: 'member-remove', selector: ['n2'], heal: { after: SECOND } }),
    );
    await live(run);
    expect(run.states('it')).toEqual(ALL);
    expect(membership.members_).toHaveLength(3);
    expect(run.record('it', 'armed')?.targets?.claims).toContainEqual({
      node: 'n1',
      resource: 'membership',
    });
  });

  test('add: a spare node is a member until it is healed', async () => {
    const { run, membership } = runWith({ spares: ['n4'] });
    await run.cluster.node('n4').kill();
    run.enqueue(step({ id: 'it', kind: 'member-add', selector: 'one', heal: { after: SECOND } }));
    await live(run);
    expect(run.states('it')).toEqual(ALL);
    expect(run.record('it', 'verified')?.observations?.map(({ seen }) => seen)).toContain(
      'n1 (n1/1), n2 (n2/1), n3 (n3/1), n4 (n4/2)',
    );
    expect(run.record('it', 'armed')?.targets?.nodes).toEqual(['n4']);
    expect(membership.members_).toHaveLength(3);
    expect(run.cluster.node('n4').incarnation()).toBeNull();
  });

  test('add: without a spare node it is skipped by name', async () => {
    const { run } = runWith();
    run.enqueue(step({ id: 'it', kind: 'member-add' }));
    await live(run);
    expect(run.record('it', 'skipped')?.reason).toContain('no spare node');
  });

  test('a change that is answered and not made is not counted', async () => {
    const { run, membership } = runWith();
    membership.lying = true;
    run.enqueue(
      step({ id: 'it', kind: 'member-remove', selector: ['n2'], heal: { after: SECOND } }),
    );
    await live(run);
    expect(run.states('it')).toContain('failed');
    expect(run.record('it', 'failed')?.reason).toContain('did not take effect');
  });

  test('without a system that can change its members they are skipped by name', async () => {
    const run = new FakeRun({ faults: FAULTS });
    for (const node of run.cluster.nodes) Object.assign(node, { exec: () => undefined });
    run.enqueue(step({ id: 'it', kind: 'member-remove' }));
    await live(run);
    expect(run.record('it', 'skipped')?.reason).toContain('cannot be changed');
  });
});

test.each([
  [['n1', 'n2', 'n3'], true],
  [['n2', 'n3'], true],
  [['n2'], false],
  [['n1', 'n2'], false],
])('n1 may go while %j stand: %s', (standing, may) => {
  const members = ['n1', 'n2', 'n3'].map((node) => ({ node, id: node }));
  expect(keepsQuorum('n1', members, standing)).toBe(may);
});

test.each([
  [['n1', 'n2', 'n3'], true],
  [['n2', 'n3'], false],
])('n4 may be one more while %j stand: %s', (standing, may) => {
  const members = ['n1', 'n2', 'n3'].map((node) => ({ node, id: node }));
  expect(staysQuorum('n4', members, standing)).toBe(may);
});
