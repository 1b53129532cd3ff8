/** One node: a host that is reached by SSH, and the server that our supervisor keeps there. */
import type { Timer } from '../../clock.ts';
import { within } from '../../clock.ts';
import { SECOND } from '../../operation.ts';
import { Supervisor, unlessGone } from '../supervised/supervisor.ts';
import { type SupervisedOptions, SupervisedNode } from '../supervised/supervised-node.ts';
import type { SshConnection } from './connection.ts';
import { HOST_FOLDER, supervisorProgram, sweepProgram } from './host-script.ts';
import { SshError } from './ssh-error.ts';

export interface SshNodeOptions extends SupervisedOptions {
  readonly connection: SshConnection;
  /** Puts the links' rules in force under a supervisor that is new. */
  readonly connected: (node: SshNode) => Promise<void>;
}

/** The supervisor ends its part when it has not heard of us for 20 s. */
const BEAT = 2 * SECOND;
/** Emptying data folders takes its time. */
const END_LIMIT = 20 * SECOND;
const SWEEP_LIMIT = 30 * SECOND;

/** Why a whole host is not crashed over SSH. */
const NO_CRASH = 'a host reached over SSH is not ours to crash';

export class SshNode extends SupervisedNode {
  readonly cannot = { crash: NO_CRASH } as const;
  readonly #connection: SshConnection;
  readonly #options: SshNodeOptions;
  #beat: Timer | null = null;
  /** Set once the host was lost in the middle of the run: it stays lost to this run. */
  #loss: SshError | null = null;
  /** It was told to end: that its supervisor ends is no loss. */
  #ending = false;

  constructor(options: SshNodeOptions) {
    super(options);
    this.#options = options;
    this.#connection = options.connection;
  }

  /** Connects, begins a supervisor, and makes the plan's data folders its own. @throws SshError */
  async boot(): Promise<void> {
    if (this.#loss !== null) throw this.#loss;
    await this.#connection.connect();
    const { command, input } = supervisorProgram(this.runId, this.name, this.#connection.host.sudo);
    const channel = await this.#connection.exec(command);
    const notices = this.notices(() => supervisor);
    const supervisor: Supervisor = new Supervisor(this.name, channel, notices, channel.stderr);
    channel.write(input);
    try {
      await this.takeUp(supervisor);
      await supervisor.request('claim', ...(this.#options.plan.volumes ?? []));
    } catch (error) {
      throw new SshError('host-not-usable', this.name, (error as Error).message, error);
    }
    this.#beatNext();
  }

  /** @throws always */
  crash(): Promise<void> {
    return Promise.reject(new Error(`${this.name}: crash: ${NO_CRASH}`));
  }

  hostPath(): null {
    return null;
  }

  /**
   * Ends the node: the rest of its log is taken, and all that was made there is removed (or left in place, for a person).
   * @returns what is left, in words
   */
  async finish(keep: boolean): Promise<readonly string[]> {
    try {
      return await this.#end(keep);
    } catch (error) {
      return [
        `${this.name}: ${HOST_FOLDER}/${this.runId}.${this.name}: ${(error as Error).message}`,
      ];
    } finally {
      this.#beat?.cancel();
      this.supervisor?.release();
      this.forget();
      this.#connection.close();
      await this.log.close();
    }
  }

  protected override async connected(): Promise<void> {
    await this.#options.connected(this);
    // Above the links' rules: whatever they stop, what heals them gets through.
    if (this.hello?.tools.includes('iptables-restore') === true) await this.ask('guard');
  }

  /**
   * Nobody knows what the server does now, and its supervisor heals the faults in it as soon as it notices: what the run
   * went on to record would be of no worth.
   */
  protected override lost(reason: string): void {
    if (this.#ending) return;
    const words = `${reason}, though the host answers: see its kernel's log for what ended it`;
    const loss = this.#connection.loss ?? new SshError('connection-lost', this.name, words);
    this.#loss = loss;
    const notBefore = this.proof.at;
    this.forget();
    this.#beat?.cancel();
    this.context.say(loss.message);
    const event = {
      type: 'noted',
      name: 'node-lost',
      node: this.name,
      value: loss.message,
    } as const;
    this.context.events({ ...event, notBefore, notAfter: this.clock.now() });
    this.context.failed?.(loss);
  }

  async #end(keep: boolean): Promise<readonly string[]> {
    const { supervisor } = this;
    if (supervisor === null) return this.booted ? await this.#sweep() : [];
    const ends = async (): Promise<readonly Buffer[]> => {
      await supervisor.request('flush');
      this.#ending = true;
      return supervisor.request(keep ? 'leave' : 'end');
    };
    const problems = await within(this.clock, END_LIMIT, `${this.name}: its end`, ends());
    return problems
      .map((problem) => `${this.name}: ${problem.toString()}`)
      .filter((text) => !text.endsWith(': '));
  }

  /** Of a host that was lost: connects again, and removes what its supervisor did not. */
  async #sweep(): Promise<readonly string[]> {
    await this.#connection.connect();
    return (await sweepHost(this.#connection)).left;
  }

  #beatNext(): void {
    this.#beat = this.clock.at(this.clock.now() + BEAT, () => {
      const { supervisor } = this;
      if (supervisor === null) return;
      void unlessGone(supervisor.request('beat'));
      this.#beatNext();
    });
  }
}

/** What was removed from a host, by run and node, and what is left, in words. */
export interface Swept {
  readonly removed: readonly string[];
  readonly left: readonly string[];
}

/** Removes what runs left on a host. @throws SshError */
export async function sweepHost(connection: SshConnection): Promise<Swept> {
  const { host } = connection;
  const { command, input } = sweepProgram(host.sudo);
  const { code, stdout, stderr } = await connection.run(command, input, SWEEP_LIMIT);
  const lines = stdout.split('\n').filter((line) => line !== '');
  const removed = lines.flatMap((line) => /^removed (.*)/.exec(line)?.[1] ?? []);
  const left = lines.filter((line) => line.startsWith('not removed'));
  if (code !== 0) left.push(stderr.trim() === '' ? `the sweep ended with ${code}` : stderr.trim());
  return { removed, left: left.map((line) => `${host.name}: ${line}`) };
}
