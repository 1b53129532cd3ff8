/**
 * etcd is told before its members are replaced by an older minor version (etcd.io/docs/v3.6/downgrades/downgrade_3_6):
 * else the older one refuses the data. It can be told from 3.6 on; before that nothing is.
 */
import { type Clock, within } from '../../harness/clock.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import type { Cluster, Node } from '../../harness/testbed.ts';
import { readStatus } from './client/key-value.ts';
import { withGateway } from './members.ts';

/** Members bring their data to the older version in their own time: each five seconds they look (`--downgrade-check-time`). */
const READY_LIMIT = 30 * SECOND;
const LOOK_PERIOD = 200 * MILLISECOND;

/** Waits until every member's data are the older version's. @throws when that is refused, or does not come */
export async function allowDowngrade(
  cluster: Cluster,
  version: string,
  clock: Clock,
): Promise<void> {
  const asking = new AbortController();
  const { signal } = asking;
  try {
    const work = bringDown(cluster, minorOf(version), clock, signal);
    await within(clock, READY_LIMIT, `data of version ${version}`, work);
  } finally {
    asking.abort(new Error('downgraded, or given up'));
  }
}

async function bringDown(
  cluster: Cluster,
  target: Minor,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const [first] = cluster.nodes;
  if (first === undefined) return;
  const { etcdcluster = '0.0' } = await withGateway(first.address, signal, (gateway) =>
    gateway.version(),
  );
  const now = minorOf(etcdcluster);
  if (now.minor <= target.minor || now.minor < FIRST_TOLD) return;
  const body = { action: 'ENABLE', version: `${target.major}.${target.minor}.0` };
  await withGateway(first.address, signal, (gateway) =>
    gateway.post('/v3/maintenance/downgrade', body),
  );
  const isReady = async (node: Node): Promise<boolean> => {
    const { storageVersion } = await withGateway(node.address, signal, readStatus);
    return storageVersion === body.version;
  };
  while (!(await Promise.all(cluster.nodes.map(isReady))).every((ready) => ready)) {
    await clock.sleep(LOOK_PERIOD, signal);
  }
}

/** The first minor version that can be told. */
const FIRST_TOLD = 6;

interface Minor {
  readonly major: number;
  readonly minor: number;
}

function minorOf(version: string): Minor {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return { major, minor };
}
