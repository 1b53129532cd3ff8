/**
 * A node that is kept by a supervisor, wherever that runs: the server's life, commands, files, the log. How the
 * supervisor is reached, and what a lost host is, is the testbed's own.
 */
import { join } from 'node:path';
import { type Clock, within } from '../../clock.ts';
import { MILLISECOND, type Nanoseconds, type NodeName } from '../../operation.ts';
import type {
  CommandChange,
  ExecOptions,
  ExecResult,
  Liveness,
  Machine,
  NodePlan,
  TestbedContext,
} from '../../testbed.ts';
import { NodeEvents } from './node-events.ts';
import { NodeWatches } from './node-watches.ts';
import { ProofOfLife } from './proof-of-life.ts';
import { commandInWords, runCommand, runInOrder } from './run-command.ts';
import type { ServerLog } from './server-log.ts';
import {
  type Hello,
  NodeGoneError,
  type Supervisor,
  type SupervisorNotices,
  unlessGone,
} from './supervisor.ts';

/** What any such node is made from. */
export interface SupervisedOptions {
  readonly runId: string;
  readonly name: NodeName;
  readonly address: string;
  readonly plan: NodePlan;
  readonly context: TestbedContext;
  readonly log: ServerLog;
}

const BOOT_LIMIT = 30_000 * MILLISECOND;

export abstract class SupervisedNode implements Machine {
  readonly name: NodeName;
  readonly address: string;
  readonly runId: string;
  readonly context: TestbedContext;
  protected readonly log: ServerLog;
  protected readonly events: NodeEvents;
  protected readonly proof: ProofOfLife;
  #plan: NodePlan;
  #command: readonly string[];
  readonly #watches = new NodeWatches(() => this.#supervisor);
  readonly #receivers = new Map<string, () => void>();
  #supervisor: Supervisor | null = null;
  #hello: Hello | null = null;
  #server: number | null = null;
  #starts = 0;
  #paused = false;
  #killBegan: Nanoseconds | null = null;
  /** Exits told before the reply to the start was taken up. */
  readonly #early = new Map<number, () => void>();
  #starting: Promise<void> | null = null;
  #filesPlaced = false;

  constructor({ runId, name, address, plan, context, log }: SupervisedOptions) {
    this.runId = runId;
    this.name = name;
    this.address = address;
    this.context = context;
    this.log = log;
    this.#plan = plan;
    this.#command = plan.command;
    this.proof = new ProofOfLife(context.clock, () => this.#lives());
    this.events = new NodeEvents(name, context);
  }

  /** Reaches the host and takes up a supervisor there; the server is not started. */
  abstract boot(): Promise<void>;
  abstract crash(): Promise<void>;
  /** The supervisor's connection ended and none of our acts did it. */
  protected abstract lost(reason: string): void;
  /** Puts in force, under a supervisor that is new, what must be before the server starts. Begins synchronously. */
  protected abstract connected(): Promise<void>;

  /** A signal that strikes the server at once, before the supervisor is asked. Default: there is none. */
  protected strike?(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  /** The server runs. @param pid as its supervisor sees it */
  protected serverStarted?(pid: number): void;
  protected serverEnded?(): void;

  /** Whether its supervisor is there. */
  get reachable(): boolean {
    return this.#supervisor !== null;
  }

  /** What its supervisor said when it began; null when there is none now. */
  get hello(): Hello | null {
    return this.#supervisor === null ? null : this.#hello;
  }

  /** Whether there was a supervisor ever. */
  protected get booted(): boolean {
    return this.#hello !== null;
  }

  protected get supervisor(): Supervisor | null {
    return this.#supervisor;
  }

  protected get clock(): Clock {
    return this.context.clock;
  }

  incarnation(): string | null {
    return this.#server === null ? null : `${this.name}#${this.#starts}`;
  }

  start(change?: CommandChange): Promise<void> {
    if (change !== undefined) this.#command = change(this.#plan.command);
    this.#starting ??= this.#start().finally(() => (this.#starting = null));
    return this.#starting;
  }

  /** The next start is by this plan, on a host that has none of its files yet. */
  protected replan(plan: NodePlan): void {
    this.#plan = plan;
    this.#command = plan.command;
    this.#filesPlaced = false;
  }

  kill(): Promise<void> {
    const supervisor = this.#supervisor;
    if (supervisor === null) return Promise.resolve();
    this.#killBegan ??= this.clock.now();
    // The host's signal strikes now; the supervisor sees to what left the process group, and confirms.
    this.strike?.('SIGKILL');
    return unlessGone(
      supervisor.request('kill').then(() => {
        this.#killBegan = null;
      }),
    );
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

  /** Runs a command beside the server. @throws when it takes too long (it is killed) or the node is down. */
  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    return runCommand(this.running(commandInWords(argv)), this.clock, argv, options);
  }

  /** As `exec`, one after another in the order of the calls: for what must not overtake. */
  async execInOrder(argv: readonly string[], input: string): Promise<ExecResult> {
    return runInOrder(this.running(commandInWords(argv)), argv, input);
  }

  async upload(path: string, contents: string | Uint8Array): Promise<void> {
    await this.running(`upload to ${path}`).request('write', path, contents);
  }

  async download(path: string): Promise<Uint8Array> {
    const [contents] = await this.running(`download of ${path}`).request('read', path);
    return contents ?? new Uint8Array();
  }

  abstract hostPath(path: string): string | null;

  followLog(line: (line: string, at: Nanoseconds) => void): Disposable {
    return this.log.follow(line);
  }

  watchFiles(directory: string, changed: (name: string, at: Nanoseconds) => void): Disposable {
    return this.#watches.add(join('/', directory), (name) => changed(name, this.clock.now()));
  }

  /** Asks the supervisor; rejects with NodeGoneError when the node is down. */
  async ask(verb: string, ...fields: readonly string[]): Promise<readonly Buffer[]> {
    return this.running(verb).request(verb, ...fields);
  }

  /** Calls back when a datagram with these contents arrives at the supervisor. */
  expectDatagram(nonce: string, received: () => void): Disposable {
    this.#receivers.set(nonce, received);
    return { [Symbol.dispose]: () => void this.#receivers.delete(nonce) };
  }

  /** What a supervisor's notices mean to this node. @param of the supervisor that will have been made with them */
  protected notices(of: () => Supervisor): SupervisorNotices {
    return {
      exited: (pid, code, signal) => this.#exited(pid, code, signal),
      logged: (offset, bytes) => this.log.append(offset, bytes),
      changed: (id, name) => this.#watches.tell(id, name),
      received: (nonce) => this.#receivers.get(nonce)?.(),
      closed: (reason) => {
        if (of() === this.#supervisor) this.lost(reason);
      },
    };
  }

  /** Takes up a supervisor that is about to say hello: links, log and watches go on where they were. */
  protected async takeUp(supervisor: Supervisor): Promise<void> {
    this.#hello = await within(this.clock, BOOT_LIMIT, `${this.name}: boot`, supervisor.hello);
    this.#supervisor = supervisor;
    await Promise.all([
      this.connected(),
      supervisor.request('follow', String(this.log.offset)),
      this.#watches.renew(supervisor),
    ]);
  }

  /** There is no supervisor any more, and no server. */
  protected forget(): void {
    this.#supervisor = null;
    this.#server = null;
    this.#paused = false;
    this.#killBegan = null;
    this.#early.clear();
    this.proof.end();
  }

  protected running(what: string): Supervisor {
    if (this.#supervisor !== null) return this.#supervisor;
    throw new NodeGoneError(`${this.name}: ${what}: the node is down; start it first`);
  }

  async #start(): Promise<void> {
    if (this.#server !== null) return;
    const command = this.#command;
    const { environment, files } = this.#plan;
    const notBefore = this.clock.now();
    if (this.#supervisor === null) await this.boot();
    const supervisor = this.running('start');
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
    this.serverStarted?.(pid);
    this.events.tell('node-up', notBefore);
    this.proof.begin(notBefore);
    const early = this.#early.get(pid);
    this.#early.clear();
    early?.();
  }

  #exited(pid: number, code: number, signal: number): void {
    // A server that ended by itself just before our signal did not die of it: its status says so.
    const killed = signal === 9 ? this.#killBegan : null;
    const died = (): void => {
      this.#server = null;
      this.serverEnded?.();
      this.#paused = false;
      this.proof.end();
      if (killed !== null) this.events.tellDown('killed', killed, true);
      else this.events.tellDown('exited', this.proof.at, false, code);
    };
    if (pid === this.#server) died();
    else this.#early.set(pid, died);
  }

  async #signal(
    verb: 'pause' | 'resume',
    signal: 'SIGSTOP' | 'SIGCONT',
    type: 'node-paused' | 'node-resumed',
  ): Promise<void> {
    const supervisor = this.#supervisor;
    if (supervisor === null) return;
    const notBefore = this.clock.now();
    this.strike?.(signal);
    const before = this.#paused;
    const replied = await unlessGone(supervisor.request(verb));
    const lives = replied !== undefined && replied[0]?.toString() !== '0';
    this.#paused = lives && verb === 'pause';
    if (lives && this.#paused !== before) this.events.tell(type, notBefore);
  }

  async #lives(): Promise<boolean> {
    const server = this.#server;
    const [state, pid] = await this.running('state').request('state');
    return !'-ZX'.includes(state?.toString() ?? '-') && Number(pid) === server;
  }
}
