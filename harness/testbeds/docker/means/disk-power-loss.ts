/**
 * Power loss: what was not synced is gone, and the server with it. The file system is shut down without writing its
 * journal, as xfstests does to test recovery from crashes; the volume is mounted anew when the node comes back, which
 * replays the journal.
 */
import type { Armed, Observation, Verification } from '../../../nemesis.ts';
import type { Undo } from '../../../undo.ts';
import type { NodeHost } from '../node-host.ts';
import { VolumeAgent } from '../volumes/agent.ts';
import { type DiskNode, diskNode, diskNodeNow, seeWrites } from './disk-node.ts';
import { remountUndo } from './disk-remount.ts';

export async function powerLoss(host: NodeHost): Promise<Armed> {
  const node = diskNode(host);
  const agent = new VolumeAgent('power-loss', '', node.root, node.mounts);
  await agent.ready();
  return new PowerLoss(node, agent);
}

class PowerLoss implements Armed {
  readonly undo: Undo;
  readonly #node: DiskNode;
  readonly #agent: VolumeAgent;
  #killed: Promise<void> = Promise.resolve();
  #started: Observation | null = null;

  constructor(node: DiskNode, agent: VolumeAgent) {
    this.#node = node;
    this.#agent = agent;
    this.undo = remountUndo(node);
  }

  /** The server first: it never comes to see a disk that fails, which is not what happens when the power goes. */
  fire(): void {
    this.#killed = this.#node.host.kill();
    this.#killed.catch(() => undefined); // Looked at by `done`.
    this.#agent.fire();
  }

  async done(): Promise<void> {
    await this.#agent.done();
    await this.#killed;
  }

  async verify(): Promise<Verification> {
    const { host } = this.#node;
    const agent = this.#agent.said;
    const now = host.incarnation();
    const observations: readonly Observation[] = [
      await seeWrites(this.#node, 'EIO'),
      { means: `shutdown of ${host.name}'s volumes`, seen: agent, confirms: agent === 'done' },
      { means: `server of ${host.name}`, seen: now ?? 'dead', confirms: now === null },
    ];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  async heal(): Promise<void> {
    const { host } = this.#node;
    await this.#agent.end();
    await host.crash();
    await host.start();
    const now = host.incarnation();
    // One that cannot go on with what is left dies by itself, after it was started.
    const seen = now === null ? 'started, and ended by itself' : `started as ${now}`;
    this.#started = { means: `server of ${host.name}`, seen, confirms: true };
  }

  async verifyHealed(): Promise<Verification> {
    const { host } = this.#node;
    const not = { means: `server of ${host.name}`, seen: 'not started', confirms: false };
    const writes = await seeWrites(diskNodeNow(host), 'ok');
    const observations = [writes, this.#started ?? not];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  disarm(): void {
    void this.#agent.end(); // Never rejects.
  }
}
