/**
 * How long a partition of a cluster into halves takes to be in force, and to be healed: from the call to the moment when
 * the last packet filter has taken the rules in (its command has ended well), on this cluster, as a fault's `fire` and
 * `heal` do it.
 */
import type { Clock } from '../harness/clock.ts';
import { MILLISECOND } from '../harness/operation.ts';
import type { Cluster } from '../harness/testbed.ts';
import { between, halves } from '../nemesis/grudge.ts';

/** Milliseconds, in the order of the rounds. */
export interface PartitionTimes {
  readonly fire: readonly number[];
  readonly heal: readonly number[];
}

/** @throws when a partition is not read back whole, or does not heal */
export async function timePartitions(
  cluster: Cluster,
  clock: Clock,
  rounds: number,
): Promise<PartitionTimes> {
  const { network } = cluster;
  const links = between(...halves(cluster.nodes.map(({ name }) => name)));
  const times: { fire: number[]; heal: number[] } = { fire: [], heal: [] };
  for (let round = 0; round < rounds; round++) {
    const fired = clock.now();
    await network.cut('halves', links);
    times.fire.push((clock.now() - fired) / MILLISECOND);
    await expectCut(cluster, links.length);
    const healed = clock.now();
    await network.heal('halves');
    times.heal.push((clock.now() - healed) / MILLISECOND);
    await expectCut(cluster, 0);
  }
  return times;
}

async function expectCut({ network }: Cluster, wanted: number): Promise<void> {
  const { length } = await network.observed();
  if (length !== wanted) throw new Error(`expected ${wanted} links cut, read back ${length}`);
}
