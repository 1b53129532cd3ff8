/** The proxies between the nodes of a cluster that was asked for with them. */
import { Lack } from '../../../means.ts';
import type { NodeName } from '../../../operation.ts';
import type { ClusterPlan, ImagePlan, TestbedContext } from '../../../testbed.ts';
import type { NodeHost } from '../node-host.ts';
import { DockerProxies } from './node-proxies.ts';
import { proxyPlans } from './proxy-rules.ts';
import { PROXY_IMAGE } from './sidecar.ts';

/** Makes one node's proxies, which begin to run with its first boot. */
export type ProxiesOf = (
  node: NodeName,
  addresses: ReadonlyMap<NodeName, string>,
) => DockerProxies | Lack;

/** Gets the image if the plan needs proxies. Never rejects: without it there are none, and why is said. */
export async function prepareProxies(
  image: (plan: ImagePlan, say: (line: string) => void) => Promise<string>,
  plan: ClusterPlan,
  { say }: TestbedContext,
): Promise<ProxiesOf> {
  const { needs = [], peerPorts = [], peerRequest: request = null } = plan;
  if (!needs.includes('proxies')) return lacking('the cluster was not asked for with proxies');
  if (peerPorts.length === 0) return lacking('the system does not say where its peers listen');
  try {
    const tag = await image(PROXY_IMAGE, say);
    return (node, addresses) =>
      new DockerProxies({ image: tag, plans: proxyPlans(node, addresses, peerPorts), request });
  } catch (error) {
    const reason = `no image of Toxiproxy: ${(error as Error).message.split('\n')[0] ?? ''}`;
    say(`proxies: skipped: ${reason}`);
    return lacking(reason);
  }
}

/** A node has a new network namespace, and its server does not run yet: its proxies are begun there. */
export async function connectProxies(proxies: DockerProxies | Lack, host: NodeHost): Promise<void> {
  if (!(proxies instanceof Lack)) await proxies.connected(host);
}

function lacking(reason: string): ProxiesOf {
  return () => new Lack(reason);
}
