/**
 * What changes of members have in common: one node, a look at the members before, what others and the node itself tell
 * afterwards. All nodes are claimed as far as membership goes: two such changes never meet, and checkers that accuse take
 * the whole fault for a time in which no quorum is proven.
 */
import type { Member, Membership } from '../harness/membership.ts';
import type {
  Armed,
  Claim,
  Fault,
  FaultAbout,
  FaultContext,
  Observation,
  Targets,
  Verification,
} from '../harness/nemesis.ts';
import type { NodeName } from '../harness/operation.ts';
import { type Cluster, isMachine } from '../harness/testbed.ts';
import type { Undo } from '../harness/undo.ts';
import { Acts } from './acts.ts';
import { MembershipChange } from './membership-change.ts';

export interface MembershipFaultKind extends Required<
  Pick<Fault, 'kind' | 'summary' | 'selectors' | 'parameters' | 'needs'>
> {
  readonly about: Pick<FaultAbout, 'needs' | 'healed'>;
  /** Why this cluster cannot have it, besides the reasons of all such kinds. Default: it can. */
  readonly unavailable?: (cluster: Cluster) => string | null;
  /** The node it is about; null: none fits now. */
  readonly choose: (context: FaultContext) => Promise<NodeName | null>;
  /** Whether that may be changed, with these members and these nodes that stand. */
  readonly may: (
    node: NodeName,
    members: readonly Member[],
    standing: readonly NodeName[],
  ) => boolean;
  readonly act: (change: MembershipChange, context: FaultContext) => Promise<void>;
  readonly heal: (change: MembershipChange) => Promise<void>;
  readonly seen: (look: Look) => Promise<readonly Observation[]>;
  readonly healed: (look: Look) => Promise<readonly Observation[]>;
  /** What a person must do when nobody else is left to. */
  readonly byHand: (
    membership: Membership,
    cluster: Cluster,
    node: NodeName,
  ) => { readonly what: string; readonly command: string };
}

/** One look at the members. */
export interface Look {
  readonly context: FaultContext;
  readonly change: MembershipChange;
  readonly node: NodeName;
  /** What it was before; null: no member. */
  readonly before: Member | null;
  readonly incarnation: string | null;
}

export function membershipFault(kind: MembershipFaultKind): Fault {
  const { summary, selectors, parameters, needs } = kind;
  return {
    ...{ kind: kind.kind, summary, selectors, parameters, needs },
    about: {
      ...kind.about,
      verified: `the members as each other node tells them, agreed on by a quorum; the node's own process`,
      peers: 'Jepsen (for some systems), Chaos Mesh none, etcd (robustness tests)',
    },
    unavailable: (cluster) => {
      const machines = cluster.nodes.every(isMachine);
      if (!machines) return 'nodes of this testbed have no files to be thrown away';
      return kind.unavailable?.(cluster) ?? null;
    },
    unavailableIn: ({ membership }) =>
      membership === null ? 'the members of this system cannot be changed' : null,
    resolve: (context) => resolve(kind, context),
    prepare: async (context, targets) => {
      const [node] = targets.nodes;
      const { membership, cluster } = context;
      if (membership === null || node === undefined) throw new Error('nothing to change');
      const change = new MembershipChange(context, membership, node);
      const members = await change.members();
      if (!kind.may(node, members, context.standing()))
        throw new Error(`${node} may not be changed now`);
      const before = members.find((member) => member.node === node) ?? null;
      const incarnation = cluster.node(node).incarnation();
      const look = { context, change, node, before, incarnation };
      return new ArmedMembership(kind, look, [
        { act: 'by-hand', node, ...kind.byHand(membership, cluster, node) },
      ]);
    },
  };
}

async function resolve(kind: MembershipFaultKind, context: FaultContext): Promise<Targets | null> {
  const { membership, cluster } = context;
  const node = await kind.choose(context);
  if (membership === null || node === null) return null;
  const members = await new MembershipChange(context, membership, node).members();
  if (!kind.may(node, members, context.standing())) return null;
  const shared = cluster.nodes.map(({ name }): Claim => ({ node: name, resource: 'membership' }));
  return {
    nodes: [node],
    claims: [...shared, { node, resource: 'process' }, { node, resource: 'disk' }],
  };
}

class ArmedMembership implements Armed {
  readonly undo: Undo;
  readonly #kind: MembershipFaultKind;
  readonly #look: Look;
  readonly #acts = new Acts();

  constructor(kind: MembershipFaultKind, look: Look, undo: Undo) {
    this.#kind = kind;
    this.#look = look;
    this.undo = undo;
  }

  fire(): void {
    const { change, context, node } = this.#look;
    this.#acts.begin(`membership of ${node}`, () => this.#kind.act(change, context));
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

  async verifyHealed(): Promise<Verification> {
    return verdict(await this.#kind.healed(this.#look));
  }
}

/** No member, and ended. */
export async function seeGone(look: Look): Promise<readonly Observation[]> {
  const { context, node } = look;
  const liveness = await context.cluster.node(node).alive();
  const members = await seeMembers(look, (told) => !told.some((member) => member.node === node));
  const own = { means: `process of ${node}`, seen: liveness, confirms: liveness !== 'running' };
  return [...members, own];
}

/** A member that serves as one: it tells the members itself, agreed on by a quorum. */
export async function seeThere(look: Look): Promise<readonly Observation[]> {
  const { change, node } = look;
  const is = (member: Member): boolean => member.node === node;
  const others = await seeMembers(look, (members) => members.some(is));
  const own = await change.told(node);
  const seen = own === null ? 'no answer' : namesOf(own);
  const confirms = own?.some(is) ?? false;
  return [...others, { means: `members as ${node} tells them`, seen, confirms }];
}

/** A member, but another one than before, or none before; its server runs since. */
export async function seeAnother(look: Look): Promise<readonly Observation[]> {
  const { context, node, before, incarnation } = look;
  const members = await seeMembers(look, (told) =>
    told.some((member) => member.node === node && member.id !== before?.id),
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
