/** Which tablet servers each master lists, followers too: tablet servers report to all of them. */
import { realClock } from '../../../harness/clock.ts';
import type { NodeName } from '../../../harness/operation.ts';
import type { Observer } from '../../../harness/system.ts';
import { connectKrpc } from '../krpc/connection.ts';
import { listTabletServers, MASTER_PORT, type TabletServerInfo } from '../master/requests.ts';

const POLL_PERIOD_MS = 500;
/** Tablet servers report each second; one that has not for so long counts as gone from the register. */
const HEARTBEAT_LIMIT_MS = 10_000;

/** `worker-state` of each tablet server whose address has been seen, with that address as its soft state. */
export function tabletServerObserver(): Observer {
  /** By the address, as masters know nothing of our names. */
  const workers = new Map<string, NodeName>();
  return {
    name: 'tablet-servers',
    periodMs: POLL_PERIOD_MS,
    poll: async (node, clock, events, signal) => {
      if (!/^m\d+$/.test(node.name)) return void workers.set(node.address, node.name);
      const options = { address: node.address, port: MASTER_PORT };
      const connection = await connectKrpc(options, realClock(), signal);
      try {
        const notBefore = clock.now();
        const servers = await listTabletServers(connection);
        const seen = { observer: node.name, notBefore, notAfter: clock.now() };
        for (const [address, worker] of workers) {
          const entry = entryOf(servers, address);
          events({ type: 'worker-state', worker, declared: { address }, ...entry, ...seen });
        }
      } finally {
        connection.close();
      }
    },
  };
}

function entryOf(
  servers: readonly TabletServerInfo[],
  address: string,
): { registered: boolean; entries: number; shown: { address?: string } } {
  const listed = servers.filter(
    ({ host, sinceHeartbeatMs }) => host === address && sinceHeartbeatMs < HEARTBEAT_LIMIT_MS,
  );
  const registered = listed.length > 0;
  return { registered, entries: listed.length, shown: registered ? { address } : {} };
}
