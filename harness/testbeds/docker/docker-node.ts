/**
 * One node: a container whose PID 1 is the supervisor, and the server that it keeps.
 */
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { within } from '../../clock.ts';
import { MILLISECOND, type Nanoseconds, type NodeName } from '../../operation.ts';
import type {
  ExecOptions,
  ExecResult,
  Liveness,
  Machine,
  NodePlan,
  TestbedContext,
} from '../../testbed.ts';
import type Docker from 'dockerode';
import type { Means } from '../../means.ts';
import { HostView } from './host-view.ts';
import { NodeEvents } from './node-events.ts';
import type { NodeHost } from './node-host.ts';
import { nodeMeans } from './node-means.ts';
import { type ServerLog } from './server-log.ts';
import { NodeWatches } from './node-watches.ts';
import { ProofOfLife } from './proof-of-life.ts';
import { type Hello, NodeGoneError, Supervisor, unlessGone } from './supervisor.ts';
import type { UndoHands } from './undo/hands.ts';
import { runCommand, runInOrder } from './run-command.ts';
import { SERVER_LOG } from './supervisor-script.ts';
import { downloadFile } from './tar-entry.ts';
import { watchDirectory } from './watch-directory.ts';
import { hostPathOf } from './volume-paths.ts';

export interface DockerNodeOptions {
  readonly docker: Docker;
  readonly runId: string;
  readonly name: NodeName;
  readonly address: string;
  readonly container: Docker.Container;
  readonly plan: NodePlan;
  readonly context: TestbedContext;
  readonly log: ServerLog;
  /** Whether the host's own means may be used where they are to be had. */
  readonly hostAccess: boolean;
  /** Puts the links' rules in force in a namespace that is new. Called with each new supervisor. */
  readonly connected: (node: DockerNode) => Promise<void>;
}

const CRASH_LIMIT = 1_000 * MILLISECOND;
const BOOT_LIMIT = 30_000 * MILLISECOND;
/** A container that the engine paused does not answer. */
const FLUSH_LIMIT = 2_000 * MILLISECOND;

export class DockerNode implements Machine, NodeHost {
  readonly name: NodeName;
  readonly address: string;
  readonly means: Means;
  readonly #options: DockerNodeOptions;
  readonly #context: TestbedContext;
  readonly #events: NodeEvents;
  readonly #watches = new NodeWatches(() => this.#supervisor);
  readonly #proof: ProofOfLife;
  readonly #receivers = new Map<string, () => void>();
  #supervisor: Supervisor | null = null;
  #hello: Hello | null = null;
  #server: number | null = null;
  readonly #host = new HostView();
  #starts = 0;
  #paused = false;
  /** The engine paused the whole container, supervisor and all. */
  #frozen = false;
  #killBegan: Nanoseconds | null = null;
  /** Exits told before the reply to the start was taken up. */
  readonly #early = new Map<number, () => void>();
  #stopping: Promise<unknown> | null = null;
  #starting: Promise<void> | null = null;
  #filesPlaced = false;

  constructor(options: DockerNodeOptions) {
    this.#options = options;
    this.#context = options.context;
    this.#proof = new ProofOfLife(this.#context.clock, () => this.#lives());
    this.name = options.name;
    this.address = options.address;
    this.#events = new NodeEvents(this.name, this.#context);
    this.means = nodeMeans(this);
  }

  get runId(): string {
    return this.#options.runId;
  }

  get container(): Docker.Container {
    return this.#options.container;
  }

  get context(): TestbedContext {
    return this.#context;
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

  /** Whether the container runs. */
  get reachable(): boolean {
    return this.#supervisor !== null;
  }

  /** What its supervisor said when it began; null when the container does not run. */
  get hello(): Hello | null {
    return this.#supervisor === null ? null : this.#hello;
  }

  incarnation(): string | null {
    return this.#server === null ? null : `${this.name}#${this.#starts}`;
  }

  /** Starts the container and takes up its supervisor; the server is not started. */
  async boot(): Promise<void> {
    const { container, log } = this.#options;
    await this.#stopping;
    const stream = await container.attach({
      stream: true,
      stdin: true,
      stdout: true,
      stderr: true,
      hijack: true,
    });
    const supervisor: Supervisor = new Supervisor(this.name, stream as unknown as Duplex, {
      exited: (pid, code, signal) => this.#exited(pid, code, signal),
      logged: (offset, bytes) => log.append(offset, bytes),
      changed: (id, name) => this.#watches.tell(id, name),
      received: (nonce) => this.#receivers.get(nonce)?.(),
      closed: (reason) => void this.#lost(supervisor, reason),
    });
    await container.start();
    const { clock } = this.#context;
    this.#hello = await within(clock, BOOT_LIMIT, `${this.name}: boot`, supervisor.hello);
    this.#supervisor = supervisor;
    await Promise.all([
      this.#options.connected(this),
      supervisor.request('follow', String(log.offset)),
      this.#watches.renew(supervisor),
      this.#lookFromHost(),
    ]);
  }

  start(): Promise<void> {
    this.#starting ??= this.#start().finally(() => (this.#starting = null));
    return this.#starting;
  }

  kill(): Promise<void> {
    const supervisor = this.#supervisor;
    if (supervisor === null) return Promise.resolve();
    this.#killBegan ??= this.#context.clock.now();
    // The host's signal strikes now; the supervisor sees to what left the process group, and confirms.
    this.#host.server?.signal('SIGKILL');
    return unlessGone(
      supervisor.request('kill').then(() => {
        this.#killBegan = null;
      }),
    );
  }

  crash(): Promise<void> {
    const supervisor = this.#supervisor;
    if (supervisor === null) return Promise.resolve();
    const notBefore = this.#context.clock.now();
    const reply = supervisor.request('crash');
    this.#forget();
    const { container } = this.#options;
    const stopped = async (): Promise<void> => {
      const limit = within(this.#context.clock, CRASH_LIMIT, `${this.name}: crash`, reply);
      await limit.catch(() => container.kill().catch(() => undefined)); // it has ended already
    };
    const down = stopped();
    this.#stopping = down.then(() => container.wait()).finally(() => supervisor.release());
    this.#stopping.catch(() => undefined); // whoever starts it again hears of it
    return down.then(() => this.#events.tellDown('crashed', notBefore, true));
  }

  pause(): Promise<void> {
    return this.#signal('pause', 'SIGSTOP', 'node-paused');
  }

  resume(): Promise<void> {
    return this.#signal('resume', 'SIGCONT', 'node-resumed');
  }

  async alive(): Promise<Liveness> {
    const supervisor = this.#supervisor;
    if (supervisor === null) return 'gone';
    if (this.#frozen) return 'paused';
    try {
      const [state] = await supervisor.request('state');
      const letter = state?.toString() ?? '-';
      if ('-ZX'.includes(letter)) return 'dead';
      return letter.toUpperCase() === 'T' ? 'paused' : 'running';
    } catch (error) {
      if (error instanceof NodeGoneError) return 'gone';
      throw error;
    }
  }

  /** Runs a command as root beside the server. @throws when it takes too long (it is killed) or the node is down. */
  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    return runCommand(this.#running(argv.join(' ')), this.#context.clock, argv, options);
  }

  /** As `exec`, one after another in the order of the calls: for what must not overtake. */
  async execInOrder(argv: readonly string[], input: string): Promise<ExecResult> {
    return runInOrder(this.#running(argv.join(' ')), argv, input);
  }

  async upload(path: string, contents: string | Uint8Array): Promise<void> {
    await this.#running(`upload to ${path}`).request('write', path, contents);
  }

  /** Also from a node that is down. */
  async download(path: string): Promise<Uint8Array> {
    if (this.#supervisor === null) {
      await this.#stopping;
      return downloadFile(this.#options.container, path);
    }
    const [contents] = await this.#supervisor.request('read', path);
    return contents ?? new Uint8Array();
  }

  hostPath(path: string): string | null {
    return hostPathOf(path, this.#host.volumePaths);
  }

  followLog(line: (line: string, at: Nanoseconds) => void): Disposable {
    return this.#options.log.follow(line);
  }

  watchFiles(directory: string, changed: (name: string, at: Nanoseconds) => void): Disposable {
    const tell = (name: string): void => changed(name, this.#context.clock.now());
    const onHost = this.hostPath(directory);
    if (onHost !== null) return watchDirectory(onHost, tell);
    return this.#watches.add(join('/', directory), tell);
  }

  /** Asks the supervisor; rejects with NodeGoneError when the node is down. */
  async ask(verb: string, ...fields: readonly string[]): Promise<readonly Buffer[]> {
    return this.#running(verb).request(verb, ...fields);
  }

  /** Calls back when a datagram with these contents arrives at the supervisor. */
  expectDatagram(nonce: string, received: () => void): Disposable {
    this.#receivers.set(nonce, received);
    return { [Symbol.dispose]: () => void this.#receivers.delete(nonce) };
  }

  /** Takes what is left of the log and lets go of the container. */
  async finish(): Promise<void> {
    const { log } = this.#options;
    try {
      const supervisor = this.#supervisor;
      const { clock } = this.#context;
      const rest = supervisor?.request('flush');
      if (rest !== undefined) await within(clock, FLUSH_LIMIT, `${this.name}: rest of log`, rest);
      else if (this.#hello !== null) log.append(0, Buffer.from(await this.download(SERVER_LOG)));
    } finally {
      this.#supervisor?.release();
      this.#forget();
      await log.close();
    }
  }

  /** A pause or a resume by somebody else, seen by the engine. */
  pausedByEngine(paused: boolean): void {
    this.#frozen = paused;
    this.#events.tell(paused ? 'node-paused' : 'node-resumed', this.#proof.at);
  }

  async #start(): Promise<void> {
    if (this.#server !== null) return;
    const { command, environment, files } = this.#options.plan;
    const notBefore = this.#context.clock.now();
    if (this.#supervisor === null) await this.boot();
    const supervisor = this.#running('start');
    // Once: what the server makes of its files since is its own.
    if (!this.#filesPlaced) {
      const places = Object.entries(files ?? {});
      await Promise.all(places.map(([path, text]) => supervisor.request('write', path, text)));
      this.#filesPlaced = true;
    }
    const settings = Object.entries(environment ?? {}).map(([name, value]) => `${name}=${value}`);
    const count = String(settings.length);
    const [pid] = await supervisor.request('start', count, ...settings, ...command);
    this.#started(Number(pid), notBefore);
  }

  #started(pid: number, notBefore: Nanoseconds): void {
    this.#server = pid;
    this.#starts++;
    this.#paused = false;
    this.#host.started(pid);
    this.#events.tell('node-up', notBefore);
    this.#proof.begin(notBefore);
    const early = this.#early.get(pid);
    this.#early.clear();
    early?.();
  }

  #exited(pid: number, code: number, signal: number): void {
    // A server that ended by itself just before our signal did not die of it: its status says so.
    const killed = signal === 9 ? this.#killBegan : null;
    const died = (): void => {
      this.#server = null;
      this.#host.server = null;
      this.#paused = false;
      this.#proof.end();
      if (killed !== null) this.#events.tellDown('killed', killed, true);
      else this.#events.tellDown('exited', this.#proof.at, false, code);
    };
    if (pid === this.#server) died();
    else this.#early.set(pid, died);
  }

  /** The connection ended and none of our acts did it. */
  async #lost(supervisor: Supervisor, reason: string): Promise<void> {
    if (supervisor !== this.#supervisor) return;
    const notBefore = this.#proof.at;
    this.#forget();
    this.#context.say(`${this.name} is lost: ${reason}`);
    this.#stopping = this.#options.container.wait();
    this.#stopping.catch(() => undefined); // whoever starts it again hears of it
    this.#events.tellDown('crashed', notBefore, false);
    const state = await this.#options.container.inspect().catch(() => null);
    if (state?.State.Running !== true) return;
    // Nothing of ours reaches it now, so it must not go on: what is called down is down.
    await this.#options.container.kill().catch(() => undefined); // ended meanwhile
  }

  #forget(): void {
    this.#supervisor = null;
    this.#server = null;
    this.#host.forget();
    this.#paused = false;
    this.#frozen = false;
    this.#killBegan = null;
    this.#early.clear();
    this.#proof.end();
  }

  async #signal(
    verb: 'pause' | 'resume',
    signal: 'SIGSTOP' | 'SIGCONT',
    type: 'node-paused' | 'node-resumed',
  ): Promise<void> {
    const supervisor = this.#supervisor;
    if (supervisor === null) return;
    const notBefore = this.#context.clock.now();
    this.#host.server?.signal(signal);
    const before = this.#paused;
    const replied = await unlessGone(supervisor.request(verb));
    const lives = replied !== undefined && replied[0]?.toString() !== '0';
    this.#paused = lives && verb === 'pause';
    if (lives && this.#paused !== before) this.#events.tell(type, notBefore);
  }

  async #lives(): Promise<boolean> {
    const server = this.#server;
    const [state, pid] = await this.#running('state').request('state');
    return !'-ZX'.includes(state?.toString() ?? '-') && Number(pid) === server;
  }

  async #lookFromHost(): Promise<void> {
    const { hostAccess, container, runId } = this.#options;
    if (hostAccess) await this.#host.look(container, runId, this.name);
  }

  #running(what: string): Supervisor {
    if (this.#supervisor !== null) return this.#supervisor;
    throw new NodeGoneError(`${this.name}: ${what}: the node is down; start it first`);
  }
}
