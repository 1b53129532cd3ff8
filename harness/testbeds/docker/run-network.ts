/**
 * A run's own bridge network, on a subnet that nothing here uses.
 */
import { readFileSync } from 'node:fs';
import type Docker from 'dockerode';
import { runLabels, runName } from './run-labels.ts';
import { type Subnet, addressIn, freeSubnets, parseRoutes, parseSubnet } from './subnet.ts';

const ATTEMPTS = 50;

/** Makes the network. @throws when no private range is free. */
export async function createRunNetwork(docker: Docker, runId: string): Promise<Subnet> {
  let attempts = 0;
  for (const subnet of freeSubnets(runId, await takenSubnets(docker))) {
    if (attempts++ === ATTEMPTS) break;
    const range = `${addressIn(subnet, 0)}/${subnet.bits}`;
    try {
      await docker.createNetwork({
        Name: runName(runId),
        Driver: 'bridge',
        CheckDuplicate: true,
        Labels: runLabels(runId),
        IPAM: { Driver: 'default', Config: [{ Subnet: range, Gateway: addressIn(subnet, 1) }] },
      });
      return subnet;
    } catch (error) {
      // Another run took it since we looked, or the engine's host has a route that is not seen from here.
      if (!/overlap/i.test(String(error))) throw error;
    }
  }
  throw new Error(
    `no free subnet for network ${runName(runId)}: expected a free /24 in 10.200.0.0-10.254.255.0`,
  );
}

async function takenSubnets(docker: Docker): Promise<readonly Subnet[]> {
  const networks = await docker.listNetworks();
  const configured = networks.flatMap((network) =>
    (network.IPAM?.Config ?? []).map((config) => parseSubnet(config.Subnet ?? '')),
  );
  return [...configured.filter((subnet) => subnet !== null), ...hostRoutes()];
}

function hostRoutes(): readonly Subnet[] {
  try {
    return parseRoutes(readFileSync('/proc/net/route', 'utf8'));
  } catch {
    return []; // not Linux: the engine is in a virtual machine and checks its own routes
  }
}
