/** One connection to one host: host key checked, kept alive, few channels at a time, each failure by its name. */
import { readFileSync } from 'node:fs';
import { Client, type ClientChannel, type ConnectConfig } from 'ssh2';
import { type Clock, within } from '../../clock.ts';
import { SECOND, type Nanoseconds } from '../../operation.ts';
import type { Draws } from '../../random.ts';
import { CONNECT_BACK_OFF, withBackOff } from './back-off.ts';
import { ChannelQueue, MOST_CHANNELS } from './channel-queue.ts';
import {
  type KeyExpectation,
  checkHostKey,
  expectationOf,
  fingerprint,
  keyTypes,
} from './host-key.ts';
import { type SshHost, targetOf } from './host.ts';
import {
  type ClientError,
  SshError,
  connectProblem,
  lossProblem,
  worthRetrying,
} from './ssh-error.ts';

/** Three unanswered keepalives, two seconds apart, are a lost connection. */
const KEEPALIVE_MS = 2_000;
const KEEPALIVES = 3;
const HANDSHAKE_MS = 10_000;
const CHANNEL_LIMIT = 10 * SECOND;

export interface ConnectionContext {
  readonly clock: Clock;
  /** For the waits between attempts. */
  readonly draws: Draws;
  readonly signal: AbortSignal;
  /** Where the variables with passwords are. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What became of a command. */
export interface CommandEnd {
  /** Null: ended by a signal. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class SshConnection {
  readonly host: SshHost;
  readonly #context: ConnectionContext;
  readonly #lost: (error: SshError) => void;
  #queue = new ChannelQueue();
  #client: Client | null = null;
  #loss: SshError | null = null;
  /** Of the key that it showed; it must go on to show that one. */
  #fingerprint: string | null = null;

  /** @param lost called once a connection that was open is gone and `close` did not do it */
  constructor(host: SshHost, context: ConnectionContext, lost: (error: SshError) => void) {
    this.host = host;
    this.#context = context;
    this.#lost = lost;
  }

  get open(): boolean {
    return this.#client !== null;
  }

  /** Why it is not open any more; null when it is, or never was. */
  get loss(): SshError | null {
    return this.#loss;
  }

  /** Of the host's key, once it has shown one. */
  get fingerprint(): string | null {
    return this.#fingerprint;
  }

  /** Connects, or connects again. Several attempts where another one may end otherwise. @throws SshError */
  async connect(): Promise<void> {
    if (this.#client !== null) return;
    const settings = this.#settings();
    const client = await withBackOff(
      () => this.#attempt(settings),
      worthRetrying,
      CONNECT_BACK_OFF,
      this.#context,
    );
    this.#queue = new ChannelQueue();
    this.#loss = null;
    this.#client = client;
    client.setNoDelay(true);
  }

  /**
   * Runs a command on a channel of its own, when there is one to be had.
   * @throws SshError: connection-lost, channel-refused
   */
  async exec(command: string): Promise<ClientChannel> {
    const queue = this.#queue;
    await queue.enter();
    const opening = this.#openChannel(command);
    try {
      const what = `${this.host.name}: a channel`;
      const channel = await within(this.#context.clock, CHANNEL_LIMIT, what, opening);
      channel.once('close', () => queue.leave());
      return channel;
    } catch (error) {
      queue.leave();
      // One that comes after all is nobody's.
      opening.then(
        (late) => void late.destroy(),
        () => undefined,
      );
      throw error;
    }
  }

  /** Runs a command to its end. @throws SshError; when it takes longer than the limit (its channel is closed then) */
  async run(command: string, input: string, limit: Nanoseconds): Promise<CommandEnd> {
    const channel = await this.exec(command);
    try {
      const end = this.#endOf(channel);
      channel.end(input);
      return await within(this.#context.clock, limit, `${this.host.name}: a command`, end);
    } finally {
      channel.destroy();
    }
  }

  close(): void {
    const client = this.#client;
    this.#client = null;
    this.#queue.close(lossProblem(this.host.name, targetOf(this.host), 'it was closed'));
    client?.end();
  }

  #attempt(settings: ConnectConfig): Promise<Client> {
    const client = new Client();
    let refused: SshError | null = null;
    const expectation = this.#expectation();
    const verify = (key: Buffer): boolean => {
      refused = checkHostKey(this.host, expectation, key);
      if (refused === null) this.#fingerprint = fingerprint(key);
      return refused === null;
    };
    const types = keyTypes(expectation);
    const algorithms = types === undefined ? {} : { algorithms: { serverHostKey: types } };
    return new Promise((resolve, reject) => {
      const fail = (error: ClientError): void => {
        client.destroy();
        reject(refused ?? connectProblem(this.host.name, targetOf(this.host), error));
      };
      client.once('ready', () => {
        resolve(client);
      });
      client.on('error', (error: Error & { level?: string }) => {
        if (this.#client === client) this.#end(error.message);
        else fail(error);
      });
      client.on('close', () => {
        if (this.#client === client) this.#end('the host closed it');
        else fail({ message: 'the host closed the connection before log-in' });
      });
      this.#answerPrompts(client);
      try {
        client.connect({ ...settings, ...(algorithms as ConnectConfig), hostVerifier: verify });
      } catch (error) {
        // A key that cannot be read, a cipher that is not there.
        const { message } = error as Error;
        fail({ message, level: 'client-authentication' });
      }
    });
  }

  /** Servers that ask for the password in a dialogue. */
  #answerPrompts(client: Client): void {
    const password = this.#secret(this.host.passwordVariable);
    if (password === undefined) return;
    client.on('keyboard-interactive', (_name, _instructions, _language, prompts, finish) =>
      finish(prompts.map(() => password)),
    );
  }

  #expectation(): KeyExpectation {
    if (this.#fingerprint !== null) return { pinned: this.#fingerprint };
    const { hostKey, knownHostsFile } = this.host;
    const needed = hostKey === 'known-hosts' || hostKey === 'accept-new';
    return expectationOf(this.host, needed ? textOf(knownHostsFile) : '');
  }

  /** @throws SshError when what the entry names is not there */
  #settings(): ConnectConfig {
    const { host } = this;
    const password = this.#secret(host.passwordVariable);
    const passphrase = this.#secret(host.passphraseVariable);
    const agent = host.agent ? this.#secret('SSH_AUTH_SOCK') : undefined;
    return {
      host: host.address,
      port: host.port,
      username: host.user,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: KEEPALIVES,
      readyTimeout: HANDSHAKE_MS,
      ...(host.identityFile === null ? {} : { privateKey: this.#privateKey(host.identityFile) }),
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(password === undefined ? {} : { password, tryKeyboard: true }),
      ...(agent === undefined ? {} : { agent }),
    };
  }

  #secret(variable: string | null): string | undefined {
    if (variable === null) return undefined;
    const value = this.#context.environment[variable];
    if (value !== undefined && value !== '') return value;
    const words = `the environment variable ${variable} is not set: expected what to log in with as ${this.host.user}`;
    throw new SshError('authentication-failed', this.host.name, words);
  }

  #privateKey(path: string): Buffer {
    try {
      return readFileSync(path);
    } catch (error) {
      const words = `its identityFile cannot be read: ${(error as Error).message}`;
      throw new SshError('authentication-failed', this.host.name, words, error);
    }
  }

  #openChannel(command: string): Promise<ClientChannel> {
    const client = this.#client;
    if (client === null) return Promise.reject(this.#gone());
    return new Promise((resolve, reject) => {
      try {
        client.exec(command, (error, channel) => {
          if (error === undefined) resolve(channel);
          else reject(this.#client === client ? this.#refused(error) : this.#gone());
        });
      } catch {
        reject(this.#gone()); // "Not connected": it went in this moment.
      }
    });
  }

  #endOf(channel: ClientChannel): Promise<CommandEnd> {
    const texts = { stdout: '', stderr: '' };
    channel.on('data', (bytes: Buffer) => (texts.stdout += bytes.toString()));
    channel.stderr.on('data', (bytes: Buffer) => (texts.stderr += bytes.toString()));
    return new Promise((resolve, reject) => {
      channel.on('close', (code?: number | null, signal?: string) => {
        // Neither: the connection went before the host said how it ended.
        if (code === undefined) reject(this.#gone());
        else resolve({ code, signal: signal ?? null, ...texts });
      });
    });
  }

  #refused(error: Error): SshError {
    const words =
      `${targetOf(this.host)} opens no further channel: ${error.message}; expected room for ${MOST_CHANNELS} sessions on a ` +
      'connection: see MaxSessions in its sshd_config';
    return new SshError('channel-refused', this.host.name, words, error);
  }

  #gone(): SshError {
    return this.#loss ?? lossProblem(this.host.name, targetOf(this.host), 'it is not open');
  }

  #end(reason: string): void {
    this.#client?.destroy();
    this.#client = null;
    this.#loss = lossProblem(this.host.name, targetOf(this.host), reason);
    this.#queue.close(this.#loss);
    this.#lost(this.#loss);
  }
}

/** A known_hosts file that is not there knows nobody. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
