/** The model system: a replicated store in simulated time, right in one version and wrong in three. */
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import type { System } from '../../harness/system.ts';
import { simulatedTestbed } from '../../harness/testbeds/simulated/testbed.ts';
import { primaryBackupClient } from './client.ts';
import { primaryBackupModel } from './model.ts';
import { findPrimary, roleObserver } from './observers.ts';
import { serves } from './requests.ts';
import { VERSIONS, defectsOf } from './versions.ts';
import { registerWorkload } from './workloads/register.ts';
import { setWorkload } from './workloads/set.ts';

const SOURCE = 'https://pmg.csail.mit.edu/papers/vr-revisited.pdf';

export const primaryBackup: System = {
  name: 'primary-backup',
  versions: VERSIONS,
  defaultVersion: 'correct',
  testbeds: ['simulated'],
  workloads: [registerWorkload, setWorkload],
  image: (version) => {
    defectsOf(version);
    return { context: '', arguments: {}, label: `primary-backup-${version}` };
  },
  node: ({ version }) => ({ command: ['primary-backup', version] }),
  ready: serves,
  leader: findPrimary,
  observers: [roleObserver],
  probes: {
    /** That node; without one, any. */
    serving: async (cluster, node, signal) => {
      const asked = node === undefined ? cluster.nodes : [cluster.node(node)];
      return (await Promise.all(asked.map((one) => serves(one, signal)))).includes(true);
    },
  },
  peerPort: 1,
  failurePatterns: [],
  client: primaryBackupClient,
  promises: [
    {
      operation: 'read, write, cas, add',
      promise: 'linearizable; what was acknowledged is kept while a majority keeps its disks',
      source: SOURCE,
    },
  ],
  simulation: () => ({
    testbed: simulatedTestbed({ model: primaryBackupModel }),
    clock: new SimulatedClock(),
  }),
};
