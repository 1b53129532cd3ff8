/**
 * Packet captures: what each node sent and received, as `nodes/<node>/capture.pcap` in the run directory. A node that
 * comes back after a crash of its host has a new network namespace, and its next file: `capture-2.pcap`.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import type { NodeName } from '../../operation.ts';
import type { ClusterPlan, ImagePlan, TestbedContext } from '../../testbed.ts';
import { canCaptureFromHost, captureFromHost } from './host-capture.ts';
import { isSupervisor } from './host-process.ts';
import { CAPTURE_IMAGE, captureFromSidecar } from './sidecar-capture.ts';
import { supervisorTitle } from '../supervised/supervisor-script.ts';
import type { Capture } from './tcpdump.ts';

export interface CaptureOptions {
  readonly docker: Docker;
  readonly image: (plan: ImagePlan, say: (line: string) => void) => Promise<string>;
  readonly plan: ClusterPlan;
  readonly context: TestbedContext;
  /** Whether the host's own means may be used. */
  readonly hostAccess: boolean;
}

/** All captures of a run. Nothing here throws: a run without its captures is a run all the same, and told. */
export class PacketCaptures {
  readonly #options: CaptureOptions;
  readonly #directory: string;
  readonly #fromHost: boolean;
  readonly #underWay = new Map<NodeName, Capture>();
  readonly #counts = new Map<NodeName, number>();

  private constructor(options: CaptureOptions, directory: string, fromHost: boolean) {
    this.#options = options;
    this.#directory = directory;
    this.#fromHost = fromHost;
  }

  /** Finds the means. Null, after saying why, when there are none. */
  static async prepare(options: CaptureOptions): Promise<PacketCaptures | null> {
    const { plan, context, image, hostAccess } = options;
    if (plan.directory === null) {
      context.say('pcap: skipped: this run keeps no files');
      return null;
    }
    const fromHost = hostAccess && canCaptureFromHost();
    try {
      if (!fromHost) await image(CAPTURE_IMAGE, context.say);
      return new PacketCaptures(options, plan.directory, fromHost);
    } catch (error) {
      const reason = (error as Error).message.split('\n')[0] ?? '';
      context.say(
        `pcap: skipped: tcpdump is not installed (apt-get install tcpdump), and there is no image with it: ${reason}`,
      );
      return null;
    }
  }

  /** Begins the capture of a node whose container has begun; packets are taken when this resolves. */
  async begin(node: NodeName, container: Docker.Container): Promise<void> {
    const { context } = this.#options;
    await this.#end(node);
    const count = (this.#counts.get(node) ?? 0) + 1;
    this.#counts.set(node, count);
    const folder = join(this.#directory, 'nodes', node);
    try {
      mkdirSync(folder, { recursive: true });
      const path = join(folder, count === 1 ? 'capture.pcap' : `capture-${count}.pcap`);
      this.#underWay.set(node, await this.#capture(node, container, path));
    } catch (error) {
      context.say(`pcap: ${node} is not captured: ${(error as Error).message}`);
    }
  }

  /** Ends all; the files are whole then. */
  async end(): Promise<void> {
    await Promise.all([...this.#underWay.keys()].map((node) => this.#end(node)));
  }

  async #end(node: NodeName): Promise<void> {
    const capture = this.#underWay.get(node);
    this.#underWay.delete(node);
    const { say } = this.#options.context;
    try {
      const missed = (await capture?.end()) ?? 0;
      if (missed > 0) say(`pcap: the capture of ${node} lacks ${missed} packets: too many at once`);
    } catch (error) {
      say(`pcap: the capture of ${node} is not complete: ${(error as Error).message}`);
    }
  }

  async #capture(node: NodeName, container: Docker.Container, path: string): Promise<Capture> {
    const { docker, context, plan } = this.#options;
    const { clock } = context;
    const pid = this.#fromHost ? await hostPid(container, plan.runId, node) : null;
    if (pid !== null) return captureFromHost(clock, pid, path);
    const image = await this.#options.image(CAPTURE_IMAGE, context.say);
    const part = `${node}-capture-${this.#counts.get(node) ?? 1}`;
    const { runId } = plan;
    return captureFromSidecar({ docker, clock, image, runId, part, container: container.id, path });
  }
}

/** The container's first process on this host; null when the engine is not on this host. */
async function hostPid(
  container: Docker.Container,
  runId: string,
  node: NodeName,
): Promise<number | null> {
  const { State: state } = await container.inspect();
  return isSupervisor(state.Pid, supervisorTitle(runId, node)) ? state.Pid : null;
}
