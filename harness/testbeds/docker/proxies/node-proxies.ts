/**
 * The proxies of one node: a server beside it, a proxy for every port of every peer it dials, rules that bring its dials
 * there. What the proxies are to be is kept here, and given to each new server, as a server forgets with its process.
 */
import type { NodeProxies, ProxiedStream, Toxic } from '../../../means/proxies.ts';
import type { Armed } from '../../../nemesis.ts';
import type { Value } from '../../../operation.ts';
import type { NodeHost } from '../node-host.ts';
import { unlessMissing } from '../undo/in-node.ts';
import { ArmedToxic } from './armed-toxic.ts';
import { type ProxyPlan, installProxyRules, PROXY_API_PORT } from './proxy-rules.ts';
import { sidecarName, startSidecar, untilServing } from './sidecar.ts';
import { type ProxyChange, type ToxicForm, ToxiproxyServer } from './toxiproxy.ts';

export interface NodeProxiesOptions {
  /** Tag of the sidecar's image. */
  readonly image: string;
  readonly plans: readonly ProxyPlan[];
  /** What peers answer when it is sent to them; null: not known. */
  readonly request: PeerRequest | null;
}

/** A request that a peer answers, on one of its ports. */
export interface PeerRequest {
  readonly port: number;
  /** With `\r` and `\n` written so. */
  readonly send: string;
}

/** What the proxies are to be, besides there. */
interface Wanted {
  readonly toxics: Map<string, ToxicForm>;
  enabled: boolean;
}

export class DockerProxies implements NodeProxies {
  readonly options: NodeProxiesOptions;
  #host: NodeHost | null = null;
  #server: ToxiproxyServer | null = null;
  #toxics = 0;
  readonly #wanted = new Map<string, Wanted>();

  constructor(options: NodeProxiesOptions) {
    this.options = options;
    for (const { name } of options.plans) {
      this.#wanted.set(name, { toxics: new Map(), enabled: true });
    }
  }

  /**
   * The node has a new network namespace, and its server does not run yet. A node that was up before starts all the
   * same when its proxies do not: it then dials its peers directly.
   * @throws what stands in the way of the first start
   */
  async connected(host: NodeHost): Promise<void> {
    const first = this.#host === null;
    this.#host = host;
    try {
      await this.#begin(host);
    } catch (error) {
      if (first) throw error;
      host.context.say(`${host.name}: its proxies do not run any more: ${String(error)}`);
    }
  }

  /** Starts them again where healing had to give them up. They are what they are to be then. */
  async revive(): Promise<void> {
    const host = this.#host;
    if (host === null) return;
    const { docker } = host.hands;
    const [node, sidecar] = await Promise.all([
      host.container.inspect(),
      unlessMissing(docker.getContainer(sidecarName(host.runId, host.name)).inspect()),
    ]);
    if (node.State.Running && sidecar?.State.Running !== true) await this.#begin(host);
  }

  async #begin(host: NodeHost): Promise<void> {
    const { context, runId, name, address, hands } = host;
    const url = `http://${address}:${PROXY_API_PORT}`;
    const journal = (change: ProxyChange): void => this.#journal(change);
    const server = new ToxiproxyServer({ url, clock: context.clock, journal });
    await startSidecar(hands.docker, this.options.image, runId, name);
    await untilServing(server, context.clock);
    this.#server = server;
    await Promise.all(this.options.plans.map((plan) => this.#populate(server, plan)));
    await installRules(host, installProxyRules(this.options.plans));
  }

  /** @throws RangeError naming the peers there are */
  toxic(streams: readonly ProxiedStream[], toxic: Toxic, toxicity: number): Promise<Armed> {
    const host = this.#host;
    if (host === null) throw new Error('the node has not been up yet: it has no proxies');
    const parts = streams.flatMap((stream) =>
      this.#plansTo(stream.peer).map((plan) => ({ plan, stream: stream.stream })),
    );
    const id = `${host.name}-${this.#toxics++}`;
    return ArmedToxic.prepare({ host, proxies: this, parts, toxic, toxicity, id });
  }

  /** Its server. @throws when the node is down */
  get server(): ToxiproxyServer {
    if (this.#server !== null) return this.#server;
    throw new Error('the node has not been up yet: its proxies do not run');
  }

  /** Makes these changes, and keeps them for the servers to come. All of them, or none. */
  async make(changes: readonly ProxyChange[]): Promise<void> {
    changes.forEach((change) => this.#keep(change));
    await this.server.changeAll(changes);
  }

  /** Keeps these changes for the servers to come, whatever becomes of this one. */
  forget(changes: readonly ProxyChange[]): void {
    changes.forEach((change) => this.#keep(change));
  }

  #keep(change: ProxyChange): void {
    if (change.change === 'add-proxy') return;
    const wanted = this.#wanted.get(change.proxy);
    if (wanted === undefined) throw new RangeError(`no proxy ${change.proxy}`);
    if (change.change === 'add-toxic') wanted.toxics.set(change.toxic.name, change.toxic);
    else if (change.change === 'remove-toxic') wanted.toxics.delete(change.toxic);
    else wanted.enabled = change.change === 'enable';
  }

  async #populate(server: ToxiproxyServer, plan: ProxyPlan): Promise<void> {
    const wanted = this.#wanted.get(plan.name);
    const listen = `127.0.0.1:${plan.listenPort}`;
    const form = { name: plan.name, listen, upstream: `${plan.address}:${plan.port}` };
    await server.addProxy(form, [...(wanted?.toxics.values() ?? [])]);
    if (wanted?.enabled === false) await server.setEnabled(plan.name, false);
  }

  #plansTo(peer: string): readonly ProxyPlan[] {
    const found = this.options.plans.filter((plan) => plan.peer === peer);
    if (found.length > 0) return found;
    const peers = [...new Set(this.options.plans.map((plan) => plan.peer))].join(', ');
    throw new RangeError(`no proxy to ${peer}; expected one of ${peers}`);
  }

  #journal(change: ProxyChange): void {
    const host = this.#host;
    if (host === null) return;
    const at = host.context.clock.now();
    const value = JSON.parse(JSON.stringify(change)) as Value;
    const event = { type: 'noted', name: 'toxiproxy', node: host.name, value } as const;
    host.context.events({ ...event, notBefore: at, notAfter: at });
  }
}

async function installRules(host: NodeHost, rules: string): Promise<void> {
  const argv = ['iptables-restore', '-w', '--noflush'];
  const { code, stderr } = await host.exec(argv, { input: rules });
  if (code !== 0) throw new Error(`${host.name}: dials cannot be proxied: ${stderr.trim()}`);
}
