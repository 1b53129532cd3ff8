/** The means of a Docker node: what it has depends on the host, found out when it is asked for. */
import { Lack, type Means } from '../../means.ts';
import { diskOf } from './means/disk.ts';
import { nodeClock } from './means/node-clock.ts';
import { jvmMeans } from './means/jvm.ts';
import { nodeShaping } from './means/node-shaping.ts';
import type { NodeHost } from './node-host.ts';

/** @param host the node as its means may use it */
export function nodeMeans(host: NodeHost): Means {
  const later = new Lack(`${host.name}: not built yet`);
  return {
    get clock() {
      return nodeClock(host);
    },
    threads: later,
    resources: later,
    disk: diskOf(host),
    calls: later,
    jvm: jvmMeans(host),
    shaping: nodeShaping(host),
    proxies: new Lack('the cluster was not brought up with proxies between its nodes'),
  };
}
