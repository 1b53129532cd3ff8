/** What nodes show: who is in, in which epoch, under which master, and the ring below. */
import type { EventSink } from '../../harness/event.ts';
import type { Probe } from '../../harness/nemesis.ts';
import type { NodeName } from '../../harness/operation.ts';
import type { Observer } from '../../harness/system.ts';
import type { Cluster } from '../../harness/testbed.ts';
import { statusOf } from './client/connection.ts';
import type { Status, View } from './join/protocol.ts';

/** In real and in virtual time. */
const POLL_PERIOD_MS = 250;

interface Seen {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Views by epoch, and whether each of the nodes is in. */
export function epochObserver(nodes: readonly NodeName[]): Observer {
  return observer('epoch', nodes, (status, name, seen, events) => {
    const { view } = status;
    if (view === null) return;
    const { members, master } = view;
    const configuration = configurationOf(view);
    events({ type: 'membership-view', observer: name, configuration, members, master, ...seen });
  });
}

/** Views by corosync's ring id, and whether each of the nodes is in. */
export function ringObserver(nodes: readonly NodeName[]): Observer {
  return observer('ring', nodes, ({ ring }, name, seen, events) => {
    if (ring === null) return;
    const { id, nodes: members } = ring;
    events({ type: 'membership-view', observer: name, configuration: id, members, ...seen });
  });
}

/** An epoch's number says little without its cluster: whoever begins one begins to count anew. */
export function configurationOf({ cluster, epoch }: View): string {
  return `${cluster}.${epoch}`;
}

function observer(
  name: string,
  nodes: readonly NodeName[],
  tellView: (status: Status, node: NodeName, seen: Seen, events: EventSink) => void,
): Observer {
  return {
    name,
    periodMs: POLL_PERIOD_MS,
    poll: async (node, clock, events, signal) => {
      const notBefore = clock.now();
      const status = await statusOf(node, signal);
      const seen = { notBefore, notAfter: clock.now() };
      tellView(status, node.name, seen, events);
      tellWhoIsIn(status, node.name, nodes, seen, events);
      if (status.master) events({ type: 'leader-seen', node: node.name, ...seen });
      else {
        const role = status.joined ? 'member' : 'outside';
        events({ type: 'role-seen', node: node.name, role, ...seen });
      }
    },
  };
}

/** A member shows itself and whoever is missing; whoever is not in shows that it is not. */
function tellWhoIsIn(
  { joined, view }: Status,
  observer: NodeName,
  nodes: readonly NodeName[],
  seen: Seen,
  events: EventSink,
): void {
  if (joined && view === null) return;
  for (const worker of nodes) {
    const registered = view?.members.includes(worker) ?? false;
    // That others are in, they tell themselves.
    if (worker !== observer && (view === null || registered)) continue;
    const state = { registered, declared: {}, shown: {} };
    events({ type: 'worker-state', observer, worker, ...state, ...seen });
  }
}

/** The master as the nodes say; null when none does, several do, or the version has none. */
export async function findMaster(cluster: Cluster, signal: AbortSignal): Promise<NodeName | null> {
  const answers = await Promise.allSettled(
    cluster.nodes.map(async (node) => ({ node, status: await statusOf(node, signal) })),
  );
  const masters = answers.flatMap((answer) =>
    answer.status === 'fulfilled' && answer.value.status.master ? [answer.value.node.name] : [],
  );
  return masters.length === 1 ? (masters[0] ?? null) : null;
}

/** `serving`: the node is in and holds no event back. `leading`: it answers requests to join. */
export const PROBES: Readonly<Record<string, Probe>> = {
  serving: probe(({ joined, waiting }) => joined && waiting.length === 0),
  leading: probe(({ master }) => master),
};

/** Of one node, or of all when none is named. */
function probe(is: (status: Status) => boolean): Probe {
  return async (cluster, node, signal) => {
    const nodes = node === undefined ? cluster.nodes : [cluster.node(node)];
    const statuses = await Promise.all(nodes.map((each) => statusOf(each, signal)));
    return statuses.every(is);
  };
}
