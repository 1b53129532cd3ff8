/** A waiting agent of a fault of a node's volumes (see agent-script.ts). */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { execa } from 'execa';
import { AGENT_SCRIPT } from './agent-script.ts';
import { type OwnMount, mountPointOnHost, ownMounts } from './own-mounts.ts';

/** What an agent does with each volume. */
export type AgentAct = 'power-loss' | 'freeze' | 'fill';

export class VolumeAgent {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #said = '';
  #hear: () => void = () => undefined;
  readonly #ended: Promise<void>;

  /**
   * Begins to wait.
   * @param name of the file that `fill` makes @param root the node's files as the host sees them, `/proc/PID/root`
   */
  constructor(act: AgentAct, name: string, root: string, mounts: readonly OwnMount[]) {
    const argv = ['-e', AGENT_SCRIPT, act, name, ...mounts.map((one) => volumeText(root, one))];
    // A session of its own: Ctrl-C in the terminal is for the harness, which then ends the agent's input.
    this.#child = spawn('perl', argv, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.unref();
    const hear = (text: Buffer): void => {
      this.#said += text.toString();
      this.#hear();
    };
    this.#child.stdout.on('data', hear);
    this.#child.stderr.on('data', hear);
    // It may have ended by itself, which `said` shows.
    this.#child.stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#said += `failed: ${error.message}`;
        this.#hear();
        resolve();
      });
      this.#child.once('close', () => resolve());
    });
  }

  /** Resolves when it waits for its byte. @throws when it cannot */
  async ready(): Promise<void> {
    await this.#until(/ready\n|failed/);
    if (!this.#said.startsWith('ready')) throw new Error(`agent of a volume: ${this.#said.trim()}`);
  }

  /** Acts, in one write of one byte. */
  fire(): void {
    this.#child.stdin.write('x');
  }

  /** Resolves when it has acted, or could not. */
  done(): Promise<void> {
    return this.#until(/done\n|failed/);
  }

  /** What it has told so far: `done`, `failed: …`. */
  get said(): string {
    return this.#said.replace('ready\n', '').trim();
  }

  /** Ends its input: it puts right what it did, and ends. Resolves when it has. */
  end(): Promise<void> {
    this.#child.stdin.end();
    return this.#ended;
  }

  async #until(what: RegExp): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      this.#hear = () => {
        if (what.test(this.#said)) resolve();
      };
      this.#hear();
    });
    await Promise.race([heard, this.#ended]);
  }
}

/** Thaws these volumes now. One that is not frozen is left as it is. */
export function thaw(root: string, mounts: readonly OwnMount[]): Promise<void> {
  return runAgent(['thaw', '', ...mounts.map((one) => volumeText(root, one))]);
}

/** Thaws whatever of a run is mounted on this host. Never rejects: what stays frozen shows when it is to be ended. */
export async function thawRun(runId: string): Promise<void> {
  const mounts = ownMounts(process.pid, runId);
  if (mounts.length > 0) await thaw('', mounts).catch(() => undefined); // as above
}

/** Removes a fill file of that name. One that is not there is no failure. */
export function unfill(root: string, mounts: readonly OwnMount[], name: string): Promise<void> {
  return runAgent(['unfill', name, ...mounts.map((one) => volumeText(root, one))]);
}

async function runAgent(argv: readonly string[]): Promise<void> {
  const result = await execa('perl', ['-e', AGENT_SCRIPT, ...argv], {
    reject: false,
    timeout: 5000,
  });
  if (result.exitCode !== 0) throw new Error(result.stderr.trim() || result.shortMessage || '');
}

/** By the engine's own mount where it is seen: that one stays for as long as the volume is mounted at all. */
function volumeText(root: string, { path, numbers }: OwnMount): string {
  return `${mountPointOnHost(numbers) ?? `${root}${path}`}:${numbers}`;
}
