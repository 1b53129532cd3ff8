/** A toxic on some proxies of one node: fired through the server's API, seen in its state and by a dial, healed. */
import type { ProxiedStream, Toxic } from '../../../means/proxies.ts';
import type { Armed, Observation, Verification } from '../../../nemesis.ts';
import type { Value } from '../../../operation.ts';
import { linkKey } from '../../../testbed.ts';
import type { Undo } from '../../../undo.ts';
import type { NodeHost } from '../node-host.ts';
import { undoAll } from '../undo/perform.ts';
import type { DockerProxies } from './node-proxies.ts';
import { DIAL_SCRIPT, describeDial, parseDial, type ProxiedDial } from './proxied-dial.ts';
import { parseProxied, type ProxyPlan } from './proxy-rules.ts';
import { type ProxyChange, reverse } from './toxiproxy.ts';
import { dialLimit, judgeDial, toxicForm } from './toxic-judgement.ts';

/** One proxy, and the direction of data on it. */
export interface ToxicPart {
  readonly plan: ProxyPlan;
  readonly stream: ProxiedStream['stream'];
}

export interface ToxicParts {
  readonly host: NodeHost;
  readonly proxies: DockerProxies;
  readonly parts: readonly ToxicPart[];
  readonly toxic: Toxic;
  readonly toxicity: number;
  readonly id: string;
}

/** Dials are tried through at most so many proxies; the state of all is read. */
const SAMPLE = 3;

export class ArmedToxic implements Armed {
  readonly undo: Undo;
  readonly #of: ToxicParts;
  readonly #changes: readonly ProxyChange[];
  readonly #before: ReadonlyMap<ToxicPart, ProxiedDial>;
  #act: Promise<void> = Promise.resolve();
  #failure: Observation | null = null;

  /** Dials once, to know what is usual. */
  static async prepare(of: ToxicParts): Promise<ArmedToxic> {
    const before = await Promise.all(
      sampleOf(of.parts).map(async (part) => [part, await dial(of, part)] as const),
    );
    return new ArmedToxic(of, new Map(before));
  }

  private constructor(of: ToxicParts, before: ReadonlyMap<ToxicPart, ProxiedDial>) {
    this.#of = of;
    this.#before = before;
    this.#changes = changesOf(of);
    const changes = JSON.parse(JSON.stringify(this.#changes.flatMap(reverse))) as Value;
    const { name: node, address } = of.host;
    this.undo = [{ act: 'clear-toxics', node, address, changes }];
  }

  fire(): void {
    const { proxies, host } = this.#of;
    const notBefore = host.context.clock.now();
    this.#act = proxies.make(this.#changes).then(
      () => this.#tell('link-degraded', notBefore),
      (error: unknown) => this.#failed(error),
    );
  }

  done(): Promise<void> {
    return this.#act;
  }

  async verify(): Promise<Verification> {
    await this.#act;
    const state = await this.#state(true);
    const dials = await this.#dials(true);
    const brought = await this.#brought();
    const failures = this.#failure === null ? [] : [this.#failure];
    const observations = [state, ...dials, brought, ...failures];
    // A dial that cannot tell is no observation; one that denies it is.
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  async heal(): Promise<void> {
    const { host, proxies } = this.#of;
    const notBefore = host.context.clock.now();
    await this.#act;
    proxies.forget(this.#changes.flatMap(reverse));
    await undoAll(this.undo, host.hands);
    await proxies.revive();
    this.#tell('link-restored', notBefore);
  }

  async verifyHealed(): Promise<Verification> {
    const { State: state } = await this.#of.host.container.inspect();
    if (!state.Running) {
      const seen = 'its host is down, its proxies with it';
      const gone = { means: `proxies of ${this.#of.host.name}`, seen, confirms: true };
      return { verified: true, observations: [gone] };
    }
    const observations = [await this.#state(false), ...(await this.#dials(false))];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  /** What the server itself says of its proxies. */
  async #state(wanted: boolean): Promise<Observation> {
    const { host, proxies } = this.#of;
    const there = await proxies.server.proxies();
    const found = this.#changes.filter((change) => {
      if (change.change === 'add-proxy') return false;
      const proxy = there.get(change.proxy);
      if (change.change === 'disable') return proxy?.enabled === false;
      return (
        change.change === 'add-toxic' &&
        proxy?.toxics.some(({ name }) => name === change.toxic.name) === true
      );
    }).length;
    const seen = `${found} of ${this.#changes.length} changes there`;
    const confirms = found === (wanted ? this.#changes.length : 0);
    return { means: `toxiproxy of ${host.name}`, seen, confirms };
  }

  /** Dials of the node through the proxies. One that cannot tell is told, and counts for nothing. */
  async #dials(wanted: boolean): Promise<readonly Observation[]> {
    const { host, toxic } = this.#of;
    const seen = await Promise.all(
      [...this.#before].map(async ([part, before]) => {
        const now = await dial(this.#of, part);
        return { part, now, shows: judgeDial(toxic, part.stream, before, now) };
      }),
    );
    return seen.flatMap(({ part, now, shows }): Observation[] => {
      if (shows === null) return [];
      const means = `dial ${host.name} to ${part.plan.peer} port ${part.plan.port}`;
      return [{ means, seen: describeDial(now), confirms: shows === wanted }];
    });
  }

  /** The kernel's own count of dials that it brought to these proxies: they are on the way, not beside it. */
  async #brought(): Promise<Observation> {
    const { host, parts } = this.#of;
    const { stdout } = await host.exec(['iptables-save', '-c', '-t', 'nat']);
    const counts = parseProxied(stdout);
    const ports = [...new Set(parts.map(({ plan }) => plan.listenPort))];
    const used = ports.filter((port) => (counts.get(port) ?? 0) > 0).length;
    const seen = `dials came to ${used} of ${ports.length} proxies`;
    return { means: `rules of ${host.name}`, seen, confirms: used > 0 };
  }

  #tell(type: 'link-degraded' | 'link-restored', notBefore: number): void {
    const { host, parts, toxic } = this.#of;
    const links = parts.flatMap(({ plan, stream }) => {
      const out = { from: host.name, to: plan.peer };
      const back = { from: plan.peer, to: host.name };
      if (toxic.type === 'down') return [out, back];
      return [stream === 'upstream' ? out : back];
    });
    const once = [...new Map(links.map((link) => [linkKey(link), link])).values()];
    const { clock } = host.context;
    host.context.events({ type, links: once, notBefore, notAfter: clock.now() });
  }

  #failed(error: unknown): void {
    const seen = error instanceof Error ? error.message : String(error);
    this.#failure = { means: `toxiproxy of ${this.#of.host.name}`, seen, confirms: false };
  }
}

/** Each proxy's toxic; a proxy that does not listen is so for both directions. */
function changesOf({ parts, toxic, toxicity, id }: ToxicParts): readonly ProxyChange[] {
  if (toxic.type === 'down') {
    const names = [...new Set(parts.map(({ plan }) => plan.name))];
    return names.map((proxy) => ({ change: 'disable', proxy }));
  }
  return parts.map(({ plan, stream }) => ({
    change: 'add-toxic',
    proxy: plan.name,
    toxic: toxicForm(toxic, stream, toxicity, id),
  }));
}

async function dial(
  { host, proxies, toxic }: ToxicParts,
  { plan }: ToxicPart,
): Promise<ProxiedDial> {
  const { request } = proxies.options;
  const send = request?.port === plan.port ? request.send : '';
  const limit = dialLimit(toxic);
  const argv = ['perl', '-e', DIAL_SCRIPT, plan.address, String(plan.port), String(limit), send];
  const { stdout } = await host.exec(argv, { timeoutMs: limit + 5_000 });
  return parseDial(stdout);
}

function sampleOf(parts: readonly ToxicPart[]): readonly ToxicPart[] {
  const stride = Math.max(1, Math.ceil(parts.length / SAMPLE));
  return parts.filter((_, index) => index % stride === 0);
}
