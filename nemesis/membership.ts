/**
 * Members that are taken out of the cluster, let in again, or replaced, one at a time, while it serves.
 *
 * Never so that fewer than a majority of the members would be left that stand. All nodes are claimed as far as membership
 * goes: two such changes never meet, and checkers that accuse take the whole fault for a time in which no quorum is
 * proven.
 */
import type { Member, Membership } from '../harness/membership.ts';
import type {
  Armed,
  Claim,
  Fault,
  FaultContext,
  Observation,
  Targets,
  Verification,
} from '../harness/nemesis.ts';
import type { NodeName } from '../harness/operation.ts';
import { isMachine } from '../harness/testbed.ts';
import type { Undo } from '../harness/undo.ts';
import { Acts } from './acts.ts';
import { MembershipChange } from './membership-change.ts';
import { choiceForm, textOf } from './parameters.ts';
import { drawsOf, selectNodes } from './selector.ts';

/** Taken out while it serves, etcd 3.5.16 panics when it is asked for its status then (etcd issue 21966). */
const PARAMETERS = {
  as: choiceForm('whether it is ended before it is taken out', ['dead', 'serving'], 'dead'),
};
const PEERS = 'Jepsen (for some systems), Chaos Mesh none, etcd (robustness tests)';
const HEALED =
  'it is let in again without data and started; without the harness it cannot be: listed with the command that does it';

export const memberRemove = membershipFault({
  kind: 'member-remove',
  summary: 'a member is taken out and ended; healed by letting it in again, without data',
  act: async (change, dead) => {
    await takeOut(change, dead);
  },
  heal: (change) => change.join(),
  seen: seeGone,
});

export const memberReplace = membershipFault({
  kind: 'member-replace',
  summary: 'a member is taken out, loses its data and is let in again, all at once',
  act: async (change, dead) => {
    await takeOut(change, dead);
    await change.join();
  },
  heal: () => Promise.resolve(),
  seen: seeAnother,
});

/** @param dead it is ended first, as one that an operator replaces; else it is taken out while it serves */
async function takeOut(change: MembershipChange, dead: boolean): Promise<void> {
  if (dead) await change.end();
  await change.remove();
  await change.clear();
}

interface MembershipFaultKind {
  readonly kind: string;
  readonly summary: string;
  readonly act: (change: MembershipChange, dead: boolean) => Promise<void>;
  readonly heal: (change: MembershipChange) => Promise<void>;
  readonly seen: (look: Look) => Promise<readonly Observation[]>;
}

/** One look at the members. */
interface Look {
  readonly context: FaultContext;
  readonly change: MembershipChange;
  readonly node: NodeName;
  readonly before: Member;
  readonly incarnation: string | null;
}

function membershipFault({ kind, summary, act, heal, seen }: MembershipFaultKind): Fault {
  return {
    kind,
    summary,
    selectors: ['one', 'leader'],
    parameters: PARAMETERS,
    needs: ['membership'],
    about: {
      needs: 'a system whose members can be changed (etcd, ZooKeeper), nodes that run commands',
      verified: `the members as each other node tells them, agreed on by a quorum; the node's own process`,
      healed: HEALED,
      peers: PEERS,
    },
    unavailable: ({ nodes }) =>
      nodes.every(isMachine) ? null : 'nodes of this testbed have no files to be thrown away',
    unavailableIn: ({ membership }) =>
      membership === null ? 'the members of this system cannot be changed' : null,
    resolve,
    prepare: async (context, targets) => {
      const [node] = targets.nodes;
      if (context.membership === null || node === undefined) throw new Error('nothing to change');
      const change = new MembershipChange(context, context.membership, node);
      const before = (await change.members()).find((member) => member.node === node);
      if (before === undefined) throw new Error(`${node} is no member`);
      return new ArmedMembership({ act, heal, seen }, { context, change, node, before });
    },
  };
}

/** A member without which a majority is left that stands. */
async function resolve(context: FaultContext): Promise<Targets | null> {
  const { membership, cluster } = context;
  const chosen = await selectNodes(context.step.selector, context, drawsOf(context));
  const [node] = chosen ?? [];
  if (membership === null || node === undefined || chosen?.length !== 1) return null;
  const members = await new MembershipChange(context, membership, node).members();
  if (!keepsQuorum(node, members, context.standing())) return null;
  const shared = cluster.nodes.map(({ name }): Claim => ({ node: name, resource: 'membership' }));
  return {
    nodes: [node],
    claims: [...shared, { node, resource: 'process' }, { node, resource: 'disk' }],
  };
}

/**
 * Whether those that stand, without the node, are a majority of all members: of those before, and of those that will be
 * when the node is let in again without data.
 */
export function keepsQuorum(
  node: NodeName,
  members: readonly Member[],
  standing: readonly NodeName[],
): boolean {
  if (!members.some((member) => member.node === node)) return false;
  const others = members.filter((member) => member.node !== node);
  return others.filter((member) => standing.includes(member.node)).length > members.length / 2;
}

class ArmedMembership implements Armed {
  readonly undo: Undo;
  readonly #kind: Pick<MembershipFaultKind, 'act' | 'heal' | 'seen'>;
  readonly #look: Look;
  readonly #acts = new Acts();

  constructor(
    kind: Pick<MembershipFaultKind, 'act' | 'heal' | 'seen'>,
    look: Omit<Look, 'incarnation'>,
  ) {
    const { context, node } = look;
    this.#kind = kind;
    this.#look = { ...look, incarnation: context.cluster.node(node).incarnation() };
    this.undo = [byHand(context.membership, context, node)];
  }

  fire(): void {
    const { change, context, node } = this.#look;
    const dead = textOf(context.step, PARAMETERS, 'as') === 'dead';
    this.#acts.begin(`membership of ${node}`, () => this.#kind.act(change, dead));
  }

  done(): Promise<void> {
    return this.#acts.done();
  }

  async verify(): Promise<Verification> {
    await this.#acts.done();
    return verdict([...(await this.#kind.seen(this.#look)), ...this.#acts.failures()]);
  }

  async heal(): Promise<void> {
    await this.#acts.done();
    await this.#kind.heal(this.#look.change);
  }

  /** It is a member again and serves as one: it tells the members itself, agreed on by a quorum. */
  async verifyHealed(): Promise<Verification> {
    const { change, node } = this.#look;
    const is = (member: Member): boolean => member.node === node;
    const others = await seeMembers(this.#look, (members) => members.some(is));
    const own = await change.told(node);
    const seen = own === null ? 'no answer' : namesOf(own);
    const confirms = own?.some(is) ?? false;
    return verdict([...others, { means: `members as ${node} tells them`, seen, confirms }]);
  }
}

function byHand(
  membership: Membership | null,
  { cluster }: FaultContext,
  node: NodeName,
): Undo[number] {
  const what = `${node} was taken out of the members`;
  return { act: 'by-hand', node, what, command: membership?.byHand(cluster, node) ?? null };
}

/** No member any more, and ended. */
async function seeGone(look: Look): Promise<readonly Observation[]> {
  const { context, node } = look;
  const liveness = await context.cluster.node(node).alive();
  const members = await seeMembers(look, (told) => !told.some((member) => member.node === node));
  const own = { means: `process of ${node}`, seen: liveness, confirms: liveness !== 'running' };
  return [...members, own];
}

/** A member, but another one than before. */
async function seeAnother(look: Look): Promise<readonly Observation[]> {
  const { context, node, before, incarnation } = look;
  const members = await seeMembers(look, (told) =>
    told.some((member) => member.node === node && member.id !== before.id),
  );
  const now = context.cluster.node(node).incarnation();
  const confirms = now !== null && now !== incarnation;
  const seen = `${now} (before: ${incarnation})`;
  return [...members, { means: `incarnation of ${node}`, seen, confirms }];
}

/** What each other node that answers tells; at least one must. */
async function seeMembers(
  { context, change, node }: Look,
  wanted: (members: readonly Member[]) => boolean,
): Promise<readonly Observation[]> {
  const others = context.cluster.nodes.map(({ name }) => name).filter((name) => name !== node);
  const told = await Promise.all(
    others.map(async (by) => ({ by, members: await change.told(by) })),
  );
  const observations = told.flatMap(({ by, members }): Observation[] =>
    members === null
      ? []
      : [
          {
            means: `members as ${by} tells them`,
            seen: namesOf(members),
            confirms: wanted(members),
          },
        ],
  );
  const nobody = { means: 'members as others tell them', seen: 'no answer', confirms: false };
  return observations.length === 0 ? [nobody] : observations;
}

function namesOf(members: readonly Member[]): string {
  return members.map(({ node, id }) => `${node} (${id})`).join(', ');
}

function verdict(observations: readonly Observation[]): Verification {
  return { verified: observations.every(({ confirms }) => confirms), observations };
}
