/** No space: a file of our own takes all that is free on the volume. */
import type { Armed, Observation, Verification } from '../../../nemesis.ts';
import type { Undo } from '../../../undo.ts';
import type { NodeHost } from '../node-host.ts';
import { undoAll } from '../undo/perform.ts';
import { VolumeAgent } from '../volumes/agent.ts';
import { startIfEnded } from './disk-ended.ts';
import { type DiskNode, diskNode, diskNodeNow, freeBytes, seeWrites } from './disk-node.ts';

/** More than what is left in the last, partly used blocks. */
const PROBE_BYTES = 256 * 1024;

export async function diskFull(host: NodeHost): Promise<Armed> {
  const node = diskNode(host);
  const name = `.faultline-fill-${host.runId}`;
  const agent = new VolumeAgent('fill', name, node.root, node.mounts);
  await agent.ready();
  return new DiskFull(node, agent, name);
}

class DiskFull implements Armed {
  readonly undo: Undo;
  readonly #node: DiskNode;
  readonly #agent: VolumeAgent;

  constructor(node: DiskNode, agent: VolumeAgent, name: string) {
    this.#node = node;
    this.#agent = agent;
    const devices = node.mounts.map(({ numbers }) => numbers);
    this.undo = [
      { act: 'remove-fill-file', node: node.host.name, devices, name },
      { act: 'start', node: node.host.name },
    ];
  }

  fire(): void {
    this.#agent.fire();
  }

  done(): Promise<void> {
    return this.#agent.done();
  }

  async verify(): Promise<Verification> {
    const observations = [
      await seeWrites(this.#node, 'ENOSPC', PROBE_BYTES),
      await this.#free(true),
    ];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  async heal(): Promise<void> {
    const { host } = this.#node;
    await undoAll(
      this.undo.filter(({ act }) => act !== 'start'),
      host.hands,
    );
    await this.#agent.end();
    await startIfEnded(host);
  }

  async verifyHealed(): Promise<Verification> {
    const writes = await seeWrites(diskNodeNow(this.#node.host), 'ok', PROBE_BYTES);
    const observations = [writes, await this.#free(false)];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  disarm(): void {
    void this.#agent.end(); // Never rejects.
  }

  async #free(full: boolean): Promise<Observation> {
    const node = diskNodeNow(this.#node.host);
    const means = `free space of ${this.#node.host.name}`;
    if (node === null) return { means, seen: 'the node is down', confirms: false };
    const free = await freeBytes(node);
    const confirms = free.every((bytes) => bytes < PROBE_BYTES === full);
    return { means, seen: `${free.join(' and ')} bytes`, confirms };
  }
}
