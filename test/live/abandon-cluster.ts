/**
 * A harness that dies: brings three nodes up, breaks each in its own way (n1 killed, n2 paused, n1 and n3 cut off from
 * each other), says so, and is killed by whoever started it. There is no guardian.
 */
import { bringUp, docker, machine, runIdFrom, serving } from './docker-cluster.ts';
import { buildNodeImage } from './node-image.ts';

const [runId = ''] = process.argv.slice(2);
runIdFrom(runId);
const running = await bringUp({ image: await buildNodeImage(docker), hostAccess: false });
await serving(running);
const { cluster } = running;
await cluster.network.cut('cut', [
  { from: 'n1', to: 'n3' },
  { from: 'n3', to: 'n1' },
]);
await Promise.all([machine(cluster, 'n1').kill(), machine(cluster, 'n2').pause()]);
process.stdout.write('broken\n');
