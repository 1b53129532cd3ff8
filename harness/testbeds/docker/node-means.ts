/** The means of a Docker node: what it has depends on the host, found out when it is asked for. */
import { Lack, type Means } from '../../means.ts';
import type { NodeHost } from './node-host.ts';

/** @param host the node as its means may use it */
export function nodeMeans(host: NodeHost): Means {
  const later = new Lack(`${host.name}: not built yet`);
  return { clock: later, threads: later, resources: later, disk: later, calls: later, jvm: later };
}
