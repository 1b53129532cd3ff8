/**
 * The client of the backup workload: directories are made and removed while backups are begun and polled. One connection
 * to one leader, looked for when the client is opened; what comes after a refusal goes to whoever leads then.
 *
 * - `create path`, `delete path`: a directory.
 * - `backup delegated|local`: begins one; answers {id, state, leader, …} as `backup-status id` does. `state` is null
 *   where the master does not know the id. `leader` names the leadership (grpc/leadership.ts).
 * - `list path`: the entries of a directory, from the leader.
 * - `backup-files`: what the folder of backups holds: {complete: names, markers: names}.
 * - `backup-contents index`: {backup, root, paths}, decoded from the index-th complete file, -1 being the newest; `backup`
 *   is null where there are not so many.
 * - `restore name|null`: a fresh master is started from that backup, or from the newest; answers its name.
 * - `restored`: {backup, root, paths}, as that master lists it; `paths` is null while it does not serve.
 */
import { type Client, DefiniteError } from '../../../harness/client.ts';
import { realClock } from '../../../harness/clock.ts';
import {
  type Invocation,
  MILLISECOND,
  type NodeName,
  SECOND,
  type Value,
} from '../../../harness/operation.ts';
import { type Cluster, isMachine, type Machine } from '../../../harness/testbed.ts';
import { backupStatus, startBackup, type BackupStatus } from '../grpc/backup-calls.ts';
import { createDirectory, listStatus, remove } from '../grpc/file-system-calls.ts';
import { type LeaderChannel, openLeader } from '../grpc/leader.ts';
import { leadershipOf } from '../grpc/leadership.ts';
import { isMaster } from '../roles.ts';
import { BACKUPS } from '../two/node-plan.ts';
import { ROOT } from './fill.ts';
import { pathsInBackup } from './journal-file.ts';
import { completeBackups, completeMarkers, listRestored, startRestore } from './restore.ts';

/** Which backup a cluster's restored master was made from, and what it held once it served. */
const RESTORED = new WeakMap<Cluster, { readonly name: string; paths: readonly string[] | null }>();
/** How long one `restored` waits for the master to serve, and how often it looks. */
const RESTORE_WAIT = 3 * SECOND;
const RESTORE_POLL = 250 * MILLISECOND;

export class BackupClient implements Client {
  readonly #cluster: Cluster;
  #signal: AbortSignal = new AbortController().signal;
  #leader: LeaderChannel | null = null;
  #leadership = 'none';

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  async open(_node: NodeName, signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    const masters = this.#cluster.nodes.filter(isMaster);
    const leader = await openLeader(masters, realClock(), signal);
    this.#leadership = await leadershipOf(this.#cluster, leader);
    this.#leader = leader;
  }

  async invoke({ f, value }: Invocation): Promise<Value> {
    if (this.#leader === null) throw new TypeError('invoke before open');
    const { channel } = this.#leader;
    switch (f) {
      case 'create':
        await createDirectory(channel, textIn(value));
        return value;
      case 'delete':
        await remove(channel, textIn(value));
        return value;
      case 'list':
        return (await listStatus(channel, textIn(value))).map(({ path }) => path).sort();
      case 'backup':
        return this.#report(await startBackup(channel, value === 'local' ? 'local' : 'delegated'));
      case 'backup-status':
        return this.#report(await backupStatus(channel, textIn(value)));
      default:
        return this.#inspect(f, value);
    }
  }

  async close(): Promise<void> {
    this.#leader?.channel.close();
  }

  session(): string {
    const leader = this.#leader;
    return leader === null ? 'none' : `${leader.node} on connection ${leader.channel.ordinal}`;
  }

  /** What is read of the backups themselves, through the leader's machine. */
  async #inspect(f: string, value: Value): Promise<Value> {
    const machine = this.#machine();
    switch (f) {
      case 'backup-files':
        return {
          complete: await completeBackups(machine),
          markers: await completeMarkers(machine),
        };
      case 'backup-contents': {
        const name = (await completeBackups(machine)).at(Number(value));
        if (name === undefined) return contentsOf(null, []);
        return contentsOf(name, await pathsOf(machine, name));
      }
      case 'restore': {
        const name = value ?? (await completeBackups(machine)).at(-1);
        if (typeof name !== 'string') throw new DefiniteError('rejected', 'no backup is complete');
        await startRestore(machine, name);
        RESTORED.set(this.#cluster, { name, paths: null });
        return name;
      }
      case 'restored':
        return this.#restored(machine);
      default:
        throw new TypeError(`the backup client does not know "${f}"`);
    }
  }

  async #restored(machine: Machine): Promise<Value> {
    const restored = RESTORED.get(this.#cluster);
    if (restored === undefined) return contentsOf(null, null);
    const clock = realClock();
    const until = clock.now() + RESTORE_WAIT;
    while (restored.paths === null && clock.now() < until) {
      restored.paths = await listRestored(machine, ROOT, this.#signal);
      if (restored.paths === null) await clock.sleep(RESTORE_POLL, this.#signal);
    }
    return contentsOf(restored.name, restored.paths);
  }

  #machine(): Machine {
    const node = this.#cluster.node(this.#leader?.node ?? '');
    if (!isMachine(node)) throw new TypeError(`${node.name} has no files: it is simulated`);
    return node;
  }

  #report(status: BackupStatus): Value {
    return { ...status, leader: this.#leadership };
  }
}

async function pathsOf(machine: Machine, name: string): Promise<readonly string[]> {
  const paths = await pathsInBackup(await machine.download(`${BACKUPS}/${name}`));
  return paths.filter((path) => path.startsWith(`${ROOT}/`));
}

function contentsOf(backup: string | null, paths: readonly string[] | null): Value {
  return { backup, root: ROOT, paths };
}

function textIn(value: Value): string {
  if (typeof value !== 'string') throw new TypeError(`expected a name, got ${typeof value}`);
  return value;
}
