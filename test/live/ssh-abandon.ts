/**
 * A harness that dies: makes every host of a file a node, breaks each in its own way (n1 killed, n2 paused, n1 and n3
 * cut off from each other), says so, and is killed by whoever started it.
 */
import { dirname } from 'node:path';
import { readHostsFile } from '../../harness/testbeds/ssh/hosts-file.ts';
import { bringUpHosts } from './ssh-cluster.ts';

const [file = '', runId = ''] = process.argv.slice(2);
const { cluster } = await bringUpHosts({
  hosts: readHostsFile(file),
  folder: dirname(file),
  runId,
});
await cluster.network.cut('cut', [
  { from: 'n1', to: 'n3' },
  { from: 'n3', to: 'n1' },
]);
await Promise.all([cluster.node('n1').kill(), cluster.node('n2').pause()]);
process.stdout.write('broken\n');
