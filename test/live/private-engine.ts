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
import { listLeftovers, removeLeftover } from '../../harness/testbeds/docker/leftovers.ts';
import { addressIn, freeSubnets, parseRoutes } from '../../harness/testbeds/docker/subnet.ts';

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

  /** Stops it, and its containers with it. */
  async stop(): Promise<void> {
    this.#daemon?.kill('SIGTERM');
    await this.#ended;
    this.#daemon = null;
  }

  /** Removes what runs left in it, ends it, and removes all its files. */
  async remove(): Promise<void> {
    if (this.#daemon === null) await this.start();
    for (const leftover of await listLeftovers(this.docker))
      await removeLeftover(this.docker, leftover);
    await this.stop();
    await execa('ip', ['link', 'delete', this.#bridge], { reject: false });
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }

  async #makeBridge(): Promise<void> {
    if (existsSync(`/sys/class/net/${this.#bridge}`)) return;
    const taken = parseRoutes(readFileSync('/proc/net/route', 'utf8'));
    const [subnet] = freeSubnets(this.#bridge, taken);
    if (subnet === undefined) throw new Error('no free subnet for the bridge of a second dockerd');
    const address = `${addressIn(subnet, 1)}/${subnet.bits}`;
    await execa('ip', ['link', 'add', this.#bridge, 'type', 'bridge']);
    await execa('ip', ['address', 'add', address, 'dev', this.#bridge]);
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
