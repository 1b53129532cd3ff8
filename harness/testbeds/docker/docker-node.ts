/**
 * One node: a container whose PID 1 is the supervisor, and the server that it keeps.
 */
import type { Duplex } from 'node:stream';
import { within } from '../../clock.ts';
import { MILLISECOND, type Nanoseconds, type NodeName } from '../../operation.ts';
import type { Liveness } from '../../testbed.ts';
import type Docker from 'dockerode';
import type { Means } from '../../means.ts';
import { type SupervisedOptions, SupervisedNode } from '../supervised/supervised-node.ts';
import { HostView } from './host-view.ts';
import { type NodeVersionsByName, remakeContainer, type VersionedNode } from './node-versions.ts';
import { endContainer } from './node-container.ts';
import { nodeMeans } from './node-means.ts';
import { Supervisor } from '../supervised/supervisor.ts';
import type { UndoHands } from './undo/hands.ts';
import { SERVER_LOG } from '../supervised/supervisor-script.ts';
import { downloadFile } from './tar-entry.ts';
import { watchDirectory } from './watch-directory.ts';
import { hostPathOf } from './volume-paths.ts';

export interface DockerNodeOptions extends SupervisedOptions {
  readonly docker: Docker;
  readonly container: Docker.Container;
  /** Whether the host's own means may be used where they are to be had. */
  readonly hostAccess: boolean;
  /** Those its dials to peers go through. */
  readonly proxies: Means['proxies'];
  /** What it is in the versions that it may be replaced by. */
  readonly versions: NodeVersionsByName;
  readonly addresses: ReadonlyMap<NodeName, string>;
  /** Puts the links' rules in force in a namespace that is new. Called with each new supervisor. */
  readonly connected: (node: DockerNode) => Promise<void>;
}

const CRASH_LIMIT = 1_000 * MILLISECOND;
/** A container that the engine paused does not answer. */
const FLUSH_LIMIT = 2_000 * MILLISECOND;

export class DockerNode extends SupervisedNode implements VersionedNode {
  readonly means: Means;
  readonly #options: DockerNodeOptions;
  #container: Docker.Container;
  readonly #host = new HostView();
  /** The engine paused the whole container, supervisor and all. */
  #frozen = false;
  #stopping: Promise<unknown> | null = null;

  constructor(options: DockerNodeOptions) {
    super(options);
    this.#options = options;
    this.#container = options.container;
    this.means = nodeMeans(this, options.proxies);
  }

  get container(): Docker.Container {
    return this.#container;
  }

  get debuggerPort(): number | null {
    return this.#options.plan.debuggerPort ?? null;
  }

  get hands(): UndoHands {
    return { runId: this.runId, docker: this.#options.docker };
  }

  initPid(): number | null {
    return this.#host.initPid;
  }

  serverPids(): readonly number[] {
    return this.#host.serverPids();
  }

  /** Whether data volumes are seen from the host. */
  get volumesFromHost(): boolean {
    return this.#host.volumePaths.size > 0;
  }

  /** Starts the container and takes up its supervisor; the server is not started. */
  async boot(): Promise<void> {
    const container = this.#container;
    await this.#stopping;
    // A guardian that took us for hung may have started it: we cannot be attached to that start.
    if (this.booted) await endContainer(container);
    const stream = await container.attach({
      stream: true,
      stdin: true,
      stdout: true,
      stderr: true,
      hijack: true,
    });
    const notices = this.notices(() => supervisor);
    const supervisor: Supervisor = new Supervisor(this.name, stream as unknown as Duplex, notices);
    await container.start();
    await this.takeUp(supervisor);
  }

  crash(): Promise<void> {
    const { supervisor } = this;
    if (supervisor === null) return Promise.resolve();
    const notBefore = this.clock.now();
    const reply = supervisor.request('crash');
    this.forget();
    const container = this.#container;
    const stopped = async (): Promise<void> => {
      const limit = within(this.clock, CRASH_LIMIT, `${this.name}: crash`, reply);
      await limit.catch(() => container.kill().catch(() => undefined)); // it has ended already
    };
    const down = stopped();
    this.#stopping = down.then(() => container.wait()).finally(() => supervisor.release());
    this.#stopping.catch(() => undefined); // whoever starts it again hears of it
    return down.then(() => this.events.tellDown('crashed', notBefore, true));
  }

  get versions(): NodeVersionsByName {
    return this.#options.versions;
  }

  /** Another version: its container is made again, with its volumes, address and log. */
  async replace(version: string): Promise<void> {
    const { docker, versions, addresses } = this.#options;
    const next = versions.get(version);
    if (next === undefined) {
      throw new Error(`${this.name}: version ${version} was not made ready at bring-up`);
    }
    await this.kill();
    await this.crash();
    await this.#stopping;
    this.#container = await remakeContainer(docker, this.#container, {
      ...{ runId: this.runId, node: this.name, addresses },
      ...next,
    });
    this.replan(next.plan);
    await this.start();
  }

  override async alive(): Promise<Liveness> {
    return this.reachable && this.#frozen ? 'paused' : super.alive();
  }

  /** Also from a node that is down. */
  override async download(path: string): Promise<Uint8Array> {
    if (this.reachable) return super.download(path);
    await this.#stopping;
    return downloadFile(this.#container, path);
  }

  override hostPath(path: string): string | null {
    return hostPathOf(path, this.#host.volumePaths);
  }

  override watchFiles(
    directory: string,
    changed: (name: string, at: Nanoseconds) => void,
  ): Disposable {
    const onHost = this.hostPath(directory);
    if (onHost === null) return super.watchFiles(directory, changed);
    return watchDirectory(onHost, (name) => changed(name, this.clock.now()));
  }

  /** Takes what is left of the log and lets go of the container. */
  async finish(): Promise<void> {
    const { log, supervisor } = this;
    try {
      if (supervisor !== null) {
        // Released, it takes the end of its channel for no sign that anything is to be put right.
        const rest = Promise.all([supervisor.request('flush'), supervisor.request('release')]);
        await within(this.clock, FLUSH_LIMIT, `${this.name}: rest of log`, rest);
      } else if (this.booted) log.append(0, Buffer.from(await this.download(SERVER_LOG)));
    } finally {
      supervisor?.release();
      this.forget();
      await log.close();
    }
  }

  /** A pause or a resume by somebody else, seen by the engine. */
  pausedByEngine(paused: boolean): void {
    this.#frozen = paused;
    this.events.tell(paused ? 'node-paused' : 'node-resumed', this.proof.at);
  }

  protected override async connected(): Promise<void> {
    await Promise.all([this.#options.connected(this), this.#lookFromHost()]);
  }

  protected override strike(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#host.server?.signal(signal);
  }

  protected override serverStarted(pid: number): void {
    this.#host.started(pid);
  }

  protected override serverEnded(): void {
    this.#host.server = null;
  }

  protected override forget(): void {
    super.forget();
    this.#host.forget();
    this.#frozen = false;
  }

  protected override lost(reason: string): void {
    const notBefore = this.proof.at;
    this.forget();
    this.context.say(`${this.name} is lost: ${reason}`);
    this.#stopping = this.#container.wait();
    this.#stopping.catch(() => undefined); // whoever starts it again hears of it
    this.events.tellDown('crashed', notBefore, false);
    // Nothing of ours reaches it now, so it must not go on: what is called down is down.
    void endContainer(this.#container);
  }

  async #lookFromHost(): Promise<void> {
    if (this.#options.hostAccess) await this.#host.look(this.#container, this.runId, this.name);
  }
}
