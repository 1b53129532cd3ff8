/** Nine nodes parted in halves, twenty times: how fast, by the host's chain and by rules in the nodes. */
import { expect, test } from 'vitest';
import { median } from '../../bench/median.ts';
import { timePartitions } from '../../bench/partition-times.ts';
import { bringUp, docker, takeDown } from '../live/docker-cluster.ts';
import { buildNodeImage } from '../live/node-image.ts';

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7', 'n8', 'n9'];

test.each([
  ['with root on the host', true, 30],
  ['without', false, 150],
])('%s', { timeout: 120_000 }, async (how, hostAccess, limit) => {
  const running = await bringUp({ image: await buildNodeImage(docker), nodes: NODES, hostAccess });
  try {
    const { fire, heal } = await timePartitions(running.cluster, running.clock, 20);
    const [fired, healed] = [median(fire), median(heal)];
    const worst = Math.max(...fire);
    const words = `${how}: fire median ${fired.toFixed(1)} ms, worst ${worst.toFixed(1)}`;
    process.stdout.write(`${words}; heal median ${healed.toFixed(1)} ms\n`);
    expect(fired).toBeLessThan(limit);
  } finally {
    await takeDown(running);
  }
});
