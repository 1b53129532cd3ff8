/**
 * A second Docker Engine with everything of its own, that a test may stop and kill. It makes no packet-filter rules, so
 * that nodes may not reach one another in it: for clusters of one node.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { execa } from 'execa';
import { realClock } from '../../harness/clock.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';

const clock = realClock();

export class PrivateEngine {
  readonly folder = mkdtempSync(join(tmpdir(), 'faultline-engine-'));
  readonly docker = new Docker({ socketPath: this.#path('docker.sock') });
  /** For processes that are to use it. */
  readonly environment = { DOCKER_HOST: `unix://${this.#path('docker.sock')}` };
  /** Its own: with `--bridge none` an engine deletes `docker0`, which is the other engine's. */
  readonly #bridge = `flpriv${process.pid}`;
  #daemon: ChildProcess | null = null;
  #ended: Promise<unknown> = Promise.resolve();

  async start(): Promise<void> {
    await this.#makeBridge();
    const daemon = spawn(
      'dockerd',
      [
        ...['-H', this.environment.DOCKER_HOST, '--data-root', this.#path('data')],
        ...['--exec-root', this.#path('exec'), '--pidfile', this.#path('docker.pid')],
        ...['--bridge', this.#bridge, '--iptables=false', '--ip-forward=false', '--ip-masq=false'],
      ],
      { stdio: 'ignore' },
    );
    this.#daemon = daemon;
    this.#ended = new Promise((resolve) => daemon.on('close', resolve));
    const limit = clock.now() + 30 * SECOND;
    while (!(await this.#answers())) {
      if (clock.now() > limit) throw new Error('a second dockerd does not answer within 30 s');
      await clock.sleep(50 * MILLISECOND);
    }
  }

  /** Has the image of another engine. */
  async copyImage(from: Docker, tag: string): Promise<void> {
    const loaded = await this.docker.loadImage(await from.getImage(tag).get());
    await new Promise((resolve, reject) => {
      loaded
        .on('data', () => undefined)
        .on('end', resolve)
        .on('error', reject);
    });
  }

  /** SIGTERM: its containers end with it. SIGKILL: they may live on. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#daemon?.kill(signal);
    await this.#ended;
    this.#daemon = null;
  }

  /** Ends it, with the containerd that it started, and removes all its files. */
  async remove(): Promise<void> {
    await this.stop('SIGTERM');
    const pidFile = this.#path('exec', 'containerd', 'containerd.pid');
    const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0;
    if (pid > 0 && existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGTERM');
    await execa('ip', ['link', 'delete', this.#bridge], { reject: false });
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }

  /** Documentation addresses (RFC 5737): nothing real is there. */
  async #makeBridge(): Promise<void> {
    if (existsSync(`/sys/class/net/${this.#bridge}`)) return;
    await execa('ip', ['link', 'add', this.#bridge, 'type', 'bridge']);
    await execa('ip', ['address', 'add', '192.0.2.1/24', 'dev', this.#bridge]);
    await execa('ip', ['link', 'set', this.#bridge, 'up']);
  }

  async #answers(): Promise<boolean> {
    try {
      await this.docker.ping();
      return true;
    } catch {
      return false; // Not yet.
    }
  }

  #path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }
}
