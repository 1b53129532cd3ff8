/** The means of a Docker node: what it has depends on the host, found out when it is asked for. */
import { type Means } from '../../means.ts';
import { callsOf } from './means/calls.ts';
import { containerPause } from './means/container-pause.ts';
import { diskOf } from './means/disk.ts';
import { nodeClock } from './means/node-clock.ts';
import { jvmMeans } from './means/jvm.ts';
import { nodeShaping } from './means/node-shaping.ts';
import { resourcesMeans } from './means/resources.ts';
import { threadsMeans } from './means/threads.ts';
import { wiresOf } from './means/wires.ts';
import { type VersionedNode, versionsMeans } from './node-versions.ts';

/** @param host the node as its means may use it @param proxies those it was brought up with, if any */
export function nodeMeans(host: VersionedNode, proxies: Means['proxies']): Means {
  return {
    get clock() {
      return nodeClock(host);
    },
    threads: threadsMeans(host),
    resources: resourcesMeans(host),
    disk: diskOf(host),
    get calls() {
      return callsOf(host);
    },
    jvm: jvmMeans(host),
    versions: versionsMeans(host),
    hostPause: containerPause(host),
    wires: wiresOf(host),
    shaping: nodeShaping(host),
    proxies,
  };
}
