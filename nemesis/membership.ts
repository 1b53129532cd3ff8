/**
 * Members that are taken out of the cluster, let in again, or replaced, and a spare node that is let in, one at a time,
 * while the cluster serves. Never so that fewer than a majority of the members would be left that stand.
 */
import type { Member, Membership } from '../harness/membership.ts';
import type { FaultContext } from '../harness/nemesis.ts';
import type { NodeName } from '../harness/operation.ts';
import type { Cluster } from '../harness/testbed.ts';
import type { MembershipChange } from './membership-change.ts';
import {
  type MembershipFaultKind,
  membershipFault,
  seeAnother,
  seeGone,
  seeThere,
} from './membership-fault.ts';
import { choiceForm, textOf } from './parameters.ts';
import { drawsOf, selectNodes } from './selector.ts';

/** Taken out while it serves, etcd 3.5.16 panics when it is asked for its status then (etcd issue 21966). */
const PARAMETERS = {
  as: choiceForm('whether it is ended before it is taken out', ['dead', 'serving'], 'dead'),
};
const NEEDS = 'a system whose members can be changed (etcd, ZooKeeper), nodes that run commands';

/** What taking a member out needs, for good or for a moment. */
const takingOut = {
  selectors: ['one', 'leader'],
  parameters: PARAMETERS,
  needs: ['membership'],
  about: {
    needs: NEEDS,
    healed:
      'it is let in again without data and started; without the harness it cannot be: listed with the command that does it',
  },
  choose: async (context: FaultContext): Promise<NodeName | null> => {
    const chosen = await selectNodes(context.step.selector, context, drawsOf(context));
    return chosen?.length === 1 ? (chosen[0] ?? null) : null;
  },
  may: keepsQuorum,
  byHand: (membership: Membership, cluster: Cluster, node: NodeName) => ({
    what: `${node} was taken out of the members`,
    command: membership.byHand(cluster, node),
  }),
} as const satisfies Partial<MembershipFaultKind>;

export const memberRemove = membershipFault({
  ...takingOut,
  kind: 'member-remove',
  summary: 'a member is taken out and ended; healed by letting it in again, without data',
  act: takeOutAs,
  heal: (change) => change.join(),
  seen: seeGone,
  healed: seeThere,
});

export const memberReplace = membershipFault({
  ...takingOut,
  kind: 'member-replace',
  summary: 'a member is taken out, loses its data and is let in again, all at once',
  act: async (change, context) => {
    await takeOutAs(change, context);
    await change.join();
  },
  heal: () => Promise.resolve(),
  seen: seeAnother,
  healed: seeThere,
});

export const memberAdd = membershipFault({
  kind: 'member-add',
  summary: 'a spare node is let in as one member more; healed by taking it out again',
  selectors: ['one'],
  parameters: {},
  needs: ['membership', 'spare-node'],
  about: {
    needs: `${NEEDS}, a testbed that makes a spare one (Docker)`,
    healed:
      'it is ended, taken out, and loses its data; without the harness it stays: listed with the command that takes it out',
  },
  unavailable: ({ spares = [] }) =>
    spares.length === 0 ? 'this testbed has made no spare node' : null,
  choose: ({ cluster: { spares = [] }, step: { selector } }) => {
    const names = spares.map(({ name }) => name);
    return Promise.resolve(
      names.find((name) => typeof selector === 'string' || selector.includes(name)) ?? null,
    );
  },
  may: staysQuorum,
  act: (change) => change.join(),
  heal: async (change) => {
    await change.end();
    await takeOut(change);
  },
  // It may take longer to serve than a fault may to be verified.
  seen: seeAnother,
  healed: seeGone,
  byHand: (membership, cluster, node) => ({
    what: `${node} was let in as a member`,
    command: membership.byHandOut(cluster, node),
  }),
});

/** @param context of a step that says whether it is ended first, as one that an operator replaces */
async function takeOutAs(change: MembershipChange, { step }: FaultContext): Promise<void> {
  if (textOf(step, PARAMETERS, 'as') === 'dead') await change.end();
  await takeOut(change);
}

async function takeOut(change: MembershipChange): Promise<void> {
  await change.remove();
  await change.clear();
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

/** Whether those that stand are a majority of all members when the node is one more, and does not serve yet. */
export function staysQuorum(
  node: NodeName,
  members: readonly Member[],
  standing: readonly NodeName[],
): boolean {
  if (members.some((member) => member.node === node)) return false;
  const serving = members.filter((member) => standing.includes(member.node));
  return serving.length > (members.length + 1) / 2;
}
