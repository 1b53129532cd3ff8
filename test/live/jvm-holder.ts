/** Holds the write-ahead log of a ZooKeeper server until it is killed: a harness for the test that kills it. */
import { DebugSession } from '../../harness/jdwp/session.ts';
import { realClock } from '../../harness/clock.ts';

const session = new DebugSession({
  name: 'n1',
  address: process.argv[2] ?? '',
  port: 5005,
  clock: realClock(),
  incarnation: () => 'running',
});
const method = {
  class: 'org.apache.zookeeper.server.persistence.FileTxnLog',
  method: 'commit',
};
session.watch(method, () => new Promise<void>(() => undefined));
await session.ready([method]);
if ((await session.breakpoints(method)) > 0) process.stdout.write('ready\n');
