/** One node's packets under a shape: fired by a word to its agent, seen by echoes and by counters, healed, renewed. */
import type { Peer, ShapeOrder } from '../../../means/shaping.ts';
import type { Armed, Observation, Verification } from '../../../nemesis.ts';
import type { Nanoseconds } from '../../../operation.ts';
import type { Undo } from '../../../undo.ts';
import type { NodeHost } from '../node-host.ts';
import { undoAll } from '../undo/perform.ts';
import { describeEchoes, parseEchoes, PROBE_SCRIPT } from './link-probe.ts';
import { type Judgement, judgeEchoes, probePlan } from './shape-judgement.ts';
import type { Shaper } from './shaper.ts';
import { parseShaping, readShaping, SHAPE_CHAIN, type ShapeWay } from './shaping-rules.ts';

export interface ShapeParts {
  readonly host: NodeHost;
  readonly order: ShapeOrder;
  readonly way: ShapeWay;
  readonly device: string;
  readonly begin: () => Promise<Shaper>;
  readonly shaper: Shaper;
}

/** Echoes are sent over at most so many links; all counters are read. */
const SAMPLE = 4;

export class ArmedShape implements Armed {
  readonly undo: Undo;
  /** Healed, or given up before it was fired. */
  over = false;
  readonly #parts: ShapeParts;
  #shaper: Shaper;
  #firedAt: Nanoseconds | null = null;
  #act: Promise<void> = Promise.resolve();
  #failure: Observation | null = null;
  /** Peers that answered before the fault. */
  #answering: readonly Peer[] = [];

  constructor(parts: ShapeParts) {
    this.#parts = parts;
    this.#shaper = parts.shaper;
    this.undo = [{ act: 'clear-shaping', node: parts.host.name }];
  }

  /** Which peers answer now: one that does not cannot tell what the link does. */
  async measure(): Promise<void> {
    const seen = await Promise.all(
      this.#sample().map(async (peer) => ({ peer, at: await this.#echo(peer) })),
    );
    this.#answering = seen
      .filter(({ at }) => at.judgement !== 'unknown' && !at.seen.startsWith('0 of'))
      .map(({ peer }) => peer);
  }

  fire(): void {
    this.#firedAt = this.#parts.host.context.clock.now();
    this.#act = this.#shaper.on().then(
      () => this.#tell('link-degraded', this.#firedAt ?? 0),
      (error: unknown) => this.#failed(error),
    );
  }

  done(): Promise<void> {
    return this.#act;
  }

  /**
   * The node has a new network namespace: there it is made ready again, and fired if it was. Never rejects: a node that
   * cannot be shaped again starts all the same, and looking tells.
   */
  async renew(): Promise<void> {
    try {
      this.#shaper = await this.#parts.begin();
      if (this.#firedAt === null) return;
      await this.#shaper.on();
      this.#failure = null;
    } catch (error) {
      this.#failed(error);
    }
  }

  async verify(): Promise<Verification> {
    await this.#act;
    const echoes = await this.#echoes('shaped');
    const counters = await this.#counters();
    const agent = await this.#agent();
    const failures = this.#failure === null ? [] : [this.#failure];
    const observations = [...echoes, counters, ...agent, ...failures];
    const felt = echoes.length === 0 || echoes.some(({ confirms }) => confirms);
    const denied = [counters, ...agent, ...failures].some(({ confirms }) => !confirms);
    return { verified: felt && !denied, observations };
  }

  async heal(): Promise<void> {
    const { host } = this.#parts;
    const notBefore = host.context.clock.now();
    await this.#act;
    this.over = true;
    // The agent ends when it has undone all it did, by the script that the undo acts run too; they run where it cannot.
    const ended = await this.#shaper.off().then(
      () => true,
      () => false,
    );
    if (!ended) await undoAll(this.undo, host.hands);
    if (this.#firedAt !== null) this.#tell('link-restored', notBefore);
  }

  async verifyHealed(): Promise<Verification> {
    const { host } = this.#parts;
    if (host.incarnation() === null && !(await this.#runs())) {
      const gone = { means: `shaping of ${host.name}`, seen: 'its host is down', confirms: true };
      return { verified: true, observations: [gone] };
    }
    const gone = await this.#rulesGone();
    const observations = [...(await this.#echoes('unshaped')), gone];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  disarm(): void {
    this.over = true;
    void this.#shaper.off().catch(() => undefined); // it has ended: nothing is left of it
  }

  /** Echoes over the links whose peers answered before; every peer that tells anything must tell this. */
  async #echoes(wanted: Judgement): Promise<readonly Observation[]> {
    const { host } = this.#parts;
    return Promise.all(
      this.#answering.map(async (peer) => {
        const { judgement, seen } = await this.#echo(peer);
        const means = `echoes ${host.name}->${peer.name}`;
        return { means, seen: `${seen}: ${judgement}`, confirms: judgement === wanted };
      }),
    );
  }

  async #echo(peer: Peer): Promise<{ readonly judgement: Judgement; readonly seen: string }> {
    const { host, order } = this.#parts;
    const plan = probePlan(order.shape);
    const numbers = [plan.count, plan.gapMs, plan.waitMs, plan.bytes].map(String);
    const argv = ['perl', '-e', PROBE_SCRIPT, peer.address, ...numbers];
    const { code, stdout, stderr } = await host.exec(argv, { timeoutMs: 20_000 });
    if (code !== 0) return { judgement: 'unknown', seen: `0 of 0 (${stderr.trim()})` };
    const echoes = parseEchoes(stdout);
    return { judgement: judgeEchoes(order.shape, plan, echoes), seen: describeEchoes(echoes) };
  }

  /** The kernel's own count of what came to the rules, or to the classes. */
  async #counters(): Promise<Observation> {
    const { host, way, device, order } = this.#parts;
    const { stdout } = await host.exec(['sh', '-c', readShaping(device)]);
    const { rules, classes } = parseShaping(stdout);
    const counts = way === 'agent' ? rules : classes;
    const what = way === 'agent' ? 'rules' : 'queueing classes';
    const seen = `${counts.length} of ${order.to.length}, ${counts.join(' + ')} packets`;
    const confirms = counts.length === order.to.length && counts.some((count) => count > 0);
    return { means: `${what} of ${host.name}`, seen, confirms };
  }

  async #agent(): Promise<readonly Observation[]> {
    const { host, way } = this.#parts;
    if (way === 'kernel') return [];
    const means = `agent of ${host.name}`;
    try {
      const counts = await this.#shaper.count();
      const sum = (key: 'seen' | 'acted' | 'held'): number =>
        counts.reduce((total, count) => total + count[key], 0);
      const seen = `acted on ${sum('acted')} of ${sum('seen')} packets, holds ${sum('held')}`;
      return [{ means, seen, confirms: sum('acted') > 0 }];
    } catch (error) {
      return [{ means, seen: messageOf(error), confirms: false }];
    }
  }

  async #rulesGone(): Promise<Observation> {
    const { host, device } = this.#parts;
    const { stdout } = await host.exec([
      'sh',
      '-c',
      `iptables-save -t mangle | grep -c ${SHAPE_CHAIN}; ${readShaping(device)}`,
    ]);
    const rules = Number(stdout.split('\n')[0]);
    const { classes } = parseShaping(stdout);
    const seen = `${rules} lines, ${classes.length} classes`;
    const confirms = rules === 0 && classes.length === 0;
    return { means: `rules and classes of ${host.name}`, seen, confirms };
  }

  async #runs(): Promise<boolean> {
    const { State: state } = await this.#parts.host.container.inspect();
    return state.Running;
  }

  #sample(): readonly Peer[] {
    const { to } = this.#parts.order;
    const stride = Math.max(1, Math.ceil(to.length / SAMPLE));
    return to.filter((_, index) => index % stride === 0);
  }

  #tell(type: 'link-degraded' | 'link-restored', notBefore: Nanoseconds): void {
    const { host, order } = this.#parts;
    const links = order.to.map(({ name }) => ({ from: host.name, to: name }));
    host.context.events({ type, links, notBefore, notAfter: host.context.clock.now() });
  }

  #failed(error: unknown): void {
    const { name } = this.#parts.host;
    this.#failure = { means: `shape ${name}`, seen: messageOf(error), confirms: false };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
