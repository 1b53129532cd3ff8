/** A Docker node's cable and connections. */
import type { NodeWires } from '../../../means/wires.ts';
import type { NodeHost } from '../node-host.ts';
import { cableOf } from './cable.ts';
import { connectionsOf } from './connections.ts';

export const NO_ROOT = "needs root on the engine's host";

export function wiresOf(host: NodeHost): NodeWires {
  return {
    pullCable: async () => {
      const initPid = host.initPid();
      if (initPid === null) throw new Error(`${host.name}: ${NO_ROOT}, and a node that is up`);
      return cableOf(host, initPid);
    },
    killConnections: (peers) => connectionsOf(host, peers),
    cableLack: () => (host.initPid() === null && !isRoot() ? NO_ROOT : null),
  };
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
