/** Alluxio: masters, workers and the ZooKeeper that they need, of either generation, driven by clients of our own. */
import { projectPath } from '../../harness/project-path.ts';
import type { System } from '../../harness/system.ts';
import type { ImagePlan } from '../../harness/testbed.ts';
import { CATALOGUE } from './catalogue.ts';
import { type Generation, remember, setUpAs } from './generation.ts';
import { generationOne } from './one/generation.ts';
import { KNOWN_ISSUES } from './known-issues.ts';
import { FAILURE_PATTERNS, PROMISES } from './promises.ts';
import { findLeader, isReady, PROBES, roleObserver, RPC_PORT } from './servers.ts';
import { generationTwo } from './two/generation.ts';
import { DEFAULT_VERSION, majorOf, VERSIONS } from './versions.ts';
import { WORKLOADS } from './workloads/index.ts';

/** The system `alluxio`. */
export const alluxio: System = {
  name: 'alluxio',
  versions: VERSIONS,
  defaultVersion: DEFAULT_VERSION,
  testbeds: ['docker'],
  workloads: WORKLOADS,
  image: imagePlan,
  roles: (options) => generationOf(options.version).roles(options),
  memoryMb: (options) => generationOf(options.version).memoryMb(options),
  node: (options, ...rest) => generationOf(options.version).node(options, ...rest),
  setup: async (cluster, options, signal) => {
    remember(cluster, options);
    await generationOf(options.version).setup(cluster, options, signal);
  },
  ready: isReady,
  leader: findLeader,
  observers: [roleObserver],
  probes: PROBES,
  catalogue: CATALOGUE,
  peerPort: RPC_PORT,
  failurePatterns: FAILURE_PATTERNS,
  knownIssues: KNOWN_ISSUES,
  client: (cluster, workload) => generationOf(setUpAs(cluster).version).client(cluster, workload),
  promises: PROMISES,
};

function generationOf(version: string): Generation {
  switch (majorOf(version)) {
    case 1:
      return generationOne;
    case 2:
      return generationTwo;
  }
}

function imagePlan(version: string): ImagePlan {
  return {
    context: projectPath('clusters/alluxio/image'),
    arguments: { VERSION: version, MAJOR: String(majorOf(version)) },
    bases: ['debian:bookworm-slim'],
    label: `alluxio-${version}`,
  };
}
