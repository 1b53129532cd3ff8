/** A disk that does not answer: whoever writes waits until it is thawed (fsfreeze(8)). Reads of cached data go on. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Armed, Observation, Verification } from '../../../nemesis.ts';
import { MILLISECOND } from '../../../operation.ts';
import type { Undo } from '../../../undo.ts';
import type { NodeHost } from '../node-host.ts';
import { undoAll } from '../undo/perform.ts';
import { VolumeAgent } from '../volumes/agent.ts';
import { type DiskNode, diskNode, diskNodeNow, seeWrites } from './disk-node.ts';

const WAIT = 150 * MILLISECOND;
/** Makes a file and removes it. Our own process never writes to a frozen disk: it could not be ended. */
const WRITE = 'sysopen(my $f, $ARGV[0], 0101, 0600) or exit 1; unlink $ARGV[0]';

export async function diskHung(host: NodeHost): Promise<Armed> {
  const node = diskNode(host);
  const agent = new VolumeAgent('freeze', '', node.root, node.mounts);
  await agent.ready();
  return new DiskHung(node, agent);
}

class DiskHung implements Armed {
  readonly undo: Undo;
  readonly #node: DiskNode;
  readonly #agent: VolumeAgent;

  constructor(node: DiskNode, agent: VolumeAgent) {
    this.#node = node;
    this.#agent = agent;
    const devices = node.mounts.map(({ numbers }) => numbers);
    this.undo = [{ act: 'thaw-filesystem', node: node.host.name, devices }];
  }

  fire(): void {
    this.#agent.fire();
  }

  done(): Promise<void> {
    return this.#agent.done();
  }

  async verify(): Promise<Verification> {
    const { said } = this.#agent;
    const { host } = this.#node;
    const observations: readonly Observation[] = [
      { means: `freezing of ${host.name}'s volumes`, seen: said, confirms: said === 'done' },
      await this.#writerWaits(),
    ];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  async heal(): Promise<void> {
    await undoAll(this.undo, this.#node.host.hands);
    await this.#agent.end();
  }

  async verifyHealed(): Promise<Verification> {
    const { said } = this.#agent;
    const { host } = this.#node;
    const waits = await this.#writerWaits();
    const thawed = { ...waits, confirms: waits.seen === 'it wrote' };
    if (!thawed.confirms) return { verified: false, observations: [thawed] };
    const observations = [thawed, await seeWrites(diskNodeNow(host), 'ok')];
    return {
      verified: said !== '' && observations.every(({ confirms }) => confirms),
      observations,
    };
  }

  disarm(): void {
    void this.#agent.end(); // Never rejects.
  }

  /** A process that begins to write now: still waiting, in a sleep that nothing interrupts, after a while? */
  async #writerWaits(): Promise<Observation> {
    const { host } = this.#node;
    const node = diskNodeNow(host);
    const means = `a writer to ${host.name}'s volume`;
    const [mount] = node?.mounts ?? [];
    if (node === null || mount === undefined)
      return { means, seen: 'the node is down', confirms: false };
    const path = join(node.root, mount.path, `.faultline-writer-${host.runId}`);
    const writer = spawn('perl', ['-e', WRITE, path], { stdio: 'ignore' });
    writer.unref();
    const ended = new Promise<string>((resolve) => {
      writer.once('error', (error) => resolve(error.message));
      writer.once('exit', (code) => resolve(code === 0 ? 'it wrote' : `it ended with ${code}`));
    });
    const waited = host.context.clock
      .sleep(WAIT)
      .then(() => `waits in state ${stateOf(writer.pid)}`);
    const seen = await Promise.race([ended, waited]);
    return { means, seen, confirms: seen === 'waits in state D' };
  }
}

/** `D`: in a sleep that nothing interrupts (proc_pid_stat(5)). */
function stateOf(pid: number | undefined): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  } catch {
    return 'gone'; // It ended just now.
  }
}
