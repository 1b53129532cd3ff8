/**
 * Sheepdog's join protocol over a process group, as sheep/cluster/corosync.c speaks it: what its nodes send each other,
 * and what its versions differ in. Commits are those of https://github.com/sheepdog/sheepdog.
 */

/** One process of a group: the node that it runs on, and what tells it from earlier ones there. */
export interface Address {
  readonly node: string;
  readonly process: number;
}

/** Whoever is in, as every member keeps it. */
export interface Member {
  readonly address: Address;
  /** It left the group, but the event that takes it out waits behind others (c4e35597). */
  readonly gone: boolean;
}

/** Multicast to all members of the group, which get them in one order. */
export type Message =
  /** A process would like to be in. `epoch`: the highest that it knows. */
  | { readonly type: 'join-request'; readonly joiner: Address; readonly epoch: number }
  /** It is in, behind these members, and the epoch is one more than this. */
  | {
      readonly type: 'join-response';
      readonly joiner: Address;
      readonly members: readonly Member[];
      readonly cluster: string;
      readonly epoch: number;
    }
  /** Anything that members tell each other in order: a new virtual disk, a snapshot. */
  | { readonly type: 'note'; readonly sender: Address; readonly number: number };

/** What a process group tells of its membership (cpg_confchg_fn_t). */
export interface GroupChange {
  readonly members: readonly Address[];
  readonly left: readonly Address[];
  readonly joined: readonly Address[];
}

/** What the protocol's versions differ in. */
export interface Rules {
  /**
   * A process that never got an answer, and holds an unanswered request of every member, lets itself in (1217aee8). Else
   * only one that joined an empty group does.
   */
  readonly electsItself: boolean;
  /** Any member answers requests to join, and the first answer counts (625fa099). Else the first member alone does. */
  readonly anyAccepts: boolean;
  /**
   * Epochs are counted where events are delivered in order (8dc9029e). Else each node counts in a worker behind its
   * queue, and an answer bears the epoch that the answering node has come to.
   */
  readonly countsInOrder: boolean;
  /** A node gives up when its ring holds no majority of all nodes any more, and begins anew (095f51b6). */
  readonly needsQuorum: boolean;
}

const BEFORE: Rules = {
  electsItself: false,
  anyAccepts: false,
  countsInOrder: false,
  needsQuorum: false,
};
const WITHOUT_MASTER: Rules = {
  electsItself: true,
  anyAccepts: true,
  countsInOrder: true,
  needsQuorum: false,
};

const RULES: Readonly<Record<string, Rules>> = {
  'before-0.4': BEFORE,
  'self-election': { ...BEFORE, electsItself: true },
  'without-master': WITHOUT_MASTER,
  'with-quorum': { ...WITHOUT_MASTER, needsQuorum: true },
};

/** Oldest first. */
export const VERSIONS: readonly string[] = Object.keys(RULES);

/** @throws RangeError for a version that there is not */
export function rulesOf(version: string): Rules {
  const rules = RULES[version];
  if (rules !== undefined) return rules;
  throw new RangeError(`version "${version}": expected one of ${VERSIONS.join(', ')}`);
}

/** Whether two addresses are of one process. */
export function isSame(one: Address, other: Address): boolean {
  return one.node === other.node && one.process === other.process;
}

/** Whether so many of all nodes are more than half. */
export function isMajority(count: number, all: number): boolean {
  return 2 * count > all;
}

/** What a node shows of itself to whoever asks. */
export interface Status {
  readonly joined: boolean;
  /** It answers requests to join; with `anyAccepts`, nobody is. */
  readonly master: boolean;
  /** What it is in; null before it is in. */
  readonly view: View | null;
  /** Events that it holds and cannot act on yet, in words. */
  readonly waiting: readonly string[];
  /** The ring below the group: its id and its nodes; null while not known. */
  readonly ring: { readonly id: string; readonly nodes: readonly string[] } | null;
}

/** Members of one epoch of one cluster. */
export interface View {
  /** Unique to whoever began the cluster. */
  readonly cluster: string;
  readonly epoch: number;
  readonly members: readonly string[];
  /** Who answers requests to join; null where any member does. */
  readonly master: string | null;
}

/** What clients may ask a node. */
export type Request = { readonly ask: 'status' } | { readonly ask: 'note' };

/** What they are answered. */
export type Answer =
  | { readonly status: Status }
  /** The note came back in its place. */
  | { readonly noted: number }
  /** Nothing was sent. */
  | { readonly refused: string };
