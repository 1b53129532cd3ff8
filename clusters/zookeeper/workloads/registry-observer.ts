/** What each server shows of the registry: its workers with their soft state, and the group as a whole. */
import { realClock } from '../../../harness/clock.ts';
import type { EventSink } from '../../../harness/event.ts';
import type { NodeName } from '../../../harness/operation.ts';
import type { Observer } from '../../../harness/system.ts';
import { type Connection, connectSession } from '../client/connection.ts';
import type { Stat } from '../client/records.ts';
import { declaredBy, entryOf, REGISTRY } from '../client/registry.ts';
import { exists, getChildrenAndState } from '../client/requests.ts';

const POLL_PERIOD_MS = 150;

/** The children of the registry, and the transaction that changed them last. */
interface View {
  readonly children: readonly string[];
  readonly configuration: string;
}

/** Tells one view of one server, which it saw within the interval. */
type Telling = (
  view: View,
  seen: {
    readonly observer: NodeName;
    readonly notBefore: number;
    readonly notAfter: number;
  },
  events: EventSink,
) => void;

/** `worker-state` of each worker that there may be. */
export function workerObserver(workers: readonly NodeName[]): Observer {
  return registryObserver('workers', readAtOnce, ({ children }, seen, events) => {
    for (const worker of workers) {
      const declared = declaredBy(worker);
      events({ type: 'worker-state', ...entryOf(worker, children), declared, ...seen });
    }
  });
}

/** `membership-view`, of one moment. */
export const membershipObserver: Observer = registryObserver('membership', readAtOnce, tellMembers);

/** Deliberately weak: the members of one moment with the configuration of another. */
export const membershipInTwoReads: Observer = registryObserver(
  'membership',
  readInTwo,
  tellMembers,
);

/**
 * Polls over a session of its own, which takes a quorum: a server that is cut off shows nothing. Whatever it shows is of
 * that server alone, and may be behind.
 */
function registryObserver(
  name: string,
  read: (connection: Connection) => Promise<View>,
  tell: Telling,
): Observer {
  return {
    name,
    periodMs: POLL_PERIOD_MS,
    poll: async (node, clock, events, signal) => {
      const connection = await connectSession({ address: node.address }, realClock(), signal);
      const notBefore = clock.now();
      const view = await read(connection);
      tell(view, { observer: node.name, notBefore, notAfter: clock.now() }, events);
      await connection.close();
    },
  };
}

/** The first by name is the master: the common recipe. */
function tellMembers(
  { children, configuration }: View,
  seen: Parameters<Telling>[1],
  events: EventSink,
): void {
  const members = [...children].sort();
  const master = members[0] ?? null;
  events({ type: 'membership-view', configuration, members, master, ...seen });
}

async function readAtOnce(connection: Connection): Promise<View> {
  const { children, stat } = await getChildrenAndState(connection, REGISTRY);
  return { children, configuration: configurationOf(stat) };
}

async function readInTwo(connection: Connection): Promise<View> {
  const { children } = await getChildrenAndState(connection, REGISTRY);
  return { children, configuration: configurationOf(await exists(connection, REGISTRY)) };
}

function configurationOf({ pzxid }: Stat): string {
  return `0x${pzxid.toString(16)}`;
}
