/** Shaping of what a Docker node sends: by its kernel's disciplines, or by an agent in it. */
import type { Lack } from '../../../means.ts';
import type { NodeShaping, Peer, Shape, ShapeOrder } from '../../../means/shaping.ts';
import type { Armed } from '../../../nemesis.ts';
import type { NodeHost } from '../node-host.ts';
import { ArmedShape } from './armed-shape.ts';
import { Shaper } from './shaper.ts';
import { type ShapingLacks, lackOfShape, parseLacks, TRY_SHAPING, wayOf } from './shaping-lacks.ts';
import {
  disciplineOn,
  FIRST_QUEUE,
  queueOn,
  SHAPE_HANDLE,
  SHAPING_OFF,
  type ShapeWay,
} from './shaping-rules.ts';

/** @param host the node as its means may use it */
export function nodeShaping(host: NodeHost): NodeShaping {
  return new Shaping(host);
}

/** The node has a new network namespace, and its server does not run yet: it gets its shape again. */
export async function reconnectShaping(shaping: NodeShaping | Lack): Promise<void> {
  if (shaping instanceof Shaping) await shaping.connected();
}

class Shaping implements NodeShaping {
  readonly #host: NodeHost;
  #lacks: ShapingLacks | null = null;
  #current: ArmedShape | null = null;

  constructor(host: NodeHost) {
    this.#host = host;
  }

  /** Known soon after the node's first boot. */
  lack(kind: Shape['kind']): string | null {
    return this.#lacks === null ? null : lackOfShape(kind, this.#lacks);
  }

  async shape(order: ShapeOrder): Promise<Armed> {
    const host = this.#host;
    if (this.#current?.over === false)
      throw new Error(`${host.name}: its packets are shaped already`);
    this.#lacks ??= await this.#look();
    const lack = this.lack(order.shape.kind);
    if (lack !== null) throw new Error(lack);
    const way = wayOf(order.shape.kind, this.#lacks);
    const device = await findDevice(host, order.to);
    if (way === 'kernel') await refuseForeign(host, device);
    const begin = (): Promise<Shaper> => beginShaper(host, order, way, device);
    const armed = new ArmedShape({ host, order, way, device, begin, shaper: await begin() });
    await armed.measure();
    this.#current = armed;
    return armed;
  }

  /** Puts what is fired in force again, and looks what the kernel has. */
  async connected(): Promise<void> {
    if (this.#current?.over === false) await this.#current.renew();
    if (this.#lacks !== null) return;
    // Behind the boot: a schedule that shapes nothing does not wait for it.
    void this.#look().then(
      (lacks) => void (this.#lacks ??= lacks),
      () => undefined, // The node went; whoever shapes it later looks again.
    );
  }

  async #look(): Promise<ShapingLacks> {
    return parseLacks(await this.#host.exec(['sh', '-c', TRY_SHAPING]));
  }
}

function beginShaper(
  host: NodeHost,
  { to, shape, seed }: ShapeOrder,
  way: ShapeWay,
  device: string,
): Promise<Shaper> {
  return Shaper.begin({
    docker: host.hands.docker,
    container: host.container,
    clock: host.context.clock,
    node: host.name,
    on: way === 'agent' ? queueOn(to) : disciplineOn(device, to, shape),
    off: SHAPING_OFF,
    queues: way === 'agent' ? to.map((_, index) => queueSpec(shape, index, seed)) : [],
  });
}

/** One link's queue for the agent. */
export function queueSpec(shape: Shape, index: number, seed: number): string {
  const delay = 'delayMs' in shape ? shape.delayMs : 0;
  const jitter = 'jitterMs' in shape ? shape.jitterMs : 0;
  const share = 'share' in shape ? shape.share : 0;
  const burst = 'burst' in shape ? shape.burst : 1;
  return [FIRST_QUEUE + index, shape.kind, delay, jitter, share, burst, seed + index].join(',');
}

/** The device by which the node reaches its peers. */
async function findDevice(host: NodeHost, [peer]: readonly Peer[]): Promise<string> {
  if (peer === undefined) throw new RangeError(`${host.name}: no link to shape`);
  const { stdout, stderr } = await host.exec(['ip', '-o', 'route', 'get', peer.address]);
  const device = / dev (\S+)/.exec(stdout)?.[1];
  if (device !== undefined) return device;
  throw new Error(`${host.name}: no route to ${peer.name}: ${stderr.trim()}`);
}

async function refuseForeign(host: NodeHost, device: string): Promise<void> {
  const { stdout } = await host.exec(['tc', 'qdisc', 'show', 'dev', device, 'root']);
  const foreign = /^qdisc (\S+) ([1-9a-f][0-9a-f]*): root/m.exec(stdout);
  if (foreign === null || foreign[2] === SHAPE_HANDLE) return;
  throw new Error(
    `${host.name}: ${device} has a queueing discipline of somebody else: ${stdout.trim()}`,
  );
}
