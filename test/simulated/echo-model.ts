/** A model for tests of the testbed: it counts, it relays, and it panics when asked to. */
import type { RunEvent } from '../../harness/event.ts';
import type { Value } from '../../harness/operation.ts';
import { MILLISECOND } from '../../harness/operation.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import type { Cluster } from '../../harness/testbed.ts';
import type {
  ModelDefinition,
  ModelIo,
  ModelNode,
} from '../../harness/testbeds/simulated/model.ts';
import { asSimulated, type SimulatedNode } from '../../harness/testbeds/simulated/node.ts';
import { simulatedTestbed } from '../../harness/testbeds/simulated/testbed.ts';

export interface Relayed {
  readonly text: string;
  readonly sentAt: number;
}

/** Everything that arrived, as it arrived, over all nodes. */
export interface Arrival extends Relayed {
  readonly from: string;
  readonly to: string;
  readonly arrivedAt: number;
}

/** What requests the echo node understands. */
export type EchoRequest =
  | { readonly do: 'echo'; readonly text: string }
  | { readonly do: 'relay'; readonly to: string; readonly text: string }
  | { readonly do: 'remember'; readonly text: string }
  | { readonly do: 'recall' | 'ignore' | 'panic' };

export function echoModel(arrivals: Arrival[]): ModelDefinition<Relayed> {
  return { name: 'echo', create: (io) => new EchoNode(io, arrivals) };
}

class EchoNode implements ModelNode<Relayed> {
  private readonly io: ModelIo<Relayed>;
  private readonly arrivals: Arrival[];
  private volatile = '';
  private ticks = 0;

  constructor(io: ModelIo<Relayed>, arrivals: Arrival[]) {
    this.io = io;
    this.arrivals = arrivals;
  }

  start(): void {
    this.io.setTimer('tick', 10 * MILLISECOND);
  }

  receive(from: string, { text, sentAt }: Relayed): void {
    const { io } = this;
    this.arrivals.push({ from, to: io.name, text, sentAt, arrivedAt: io.now() });
  }

  timer(name: string): void {
    this.ticks++;
    this.io.setTimer(name, 10 * MILLISECOND);
  }

  request(request: number, body: Value): void {
    const asked = body as unknown as EchoRequest;
    const { io } = this;
    if (asked.do === 'panic') throw new Error('asked to panic');
    if (asked.do === 'ignore') return;
    if (asked.do === 'relay') io.send(asked.to, { text: asked.text, sentAt: io.now() });
    if (asked.do === 'remember') {
      this.volatile = asked.text;
      io.storage.put('text', asked.text);
    }
    if (asked.do === 'recall') return io.answer(request, this.recall());
    io.answer(request, asked.do === 'echo' ? asked.text : null);
  }

  private recall(): Value {
    const durable = (this.io.storage.get('text') ?? '') as string;
    return { volatile: this.volatile, durable, ticks: this.ticks };
  }
}

/** A cluster of three echo nodes on a clock of its own. */
export interface EchoCluster {
  readonly clock: SimulatedClock;
  readonly cluster: Cluster;
  readonly events: RunEvent[];
  readonly arrivals: Arrival[];
  readonly said: string[];
  readonly node: (name: string) => SimulatedNode;
  readonly ask: (name: string, request: EchoRequest, signal?: AbortSignal) => Promise<Value>;
}

/** Runs `test` on a new cluster, and takes the cluster down. */
export async function withEchoCluster(
  seed: number,
  test: (echo: EchoCluster) => Promise<void>,
): Promise<void> {
  const clock = new SimulatedClock();
  const events: RunEvent[] = [];
  const arrivals: Arrival[] = [];
  const said: string[] = [];
  const testbed = simulatedTestbed({ model: echoModel(arrivals) });
  const cluster = await testbed.up(
    {
      runId: 'test',
      nodes: ['n1', 'n2', 'n3'],
      directory: null,
      seed: BigInt(seed),
      node: () => ({ command: ['echo'] }),
      image: { context: '', arguments: {}, label: 'echo' },
    },
    {
      clock,
      events: (event) => void events.push(event),
      say: (line) => void said.push(line),
      signal: new AbortController().signal,
    },
  );
  const node = (name: string): SimulatedNode => asSimulated(cluster.node(name));
  const never = new AbortController().signal;
  try {
    await test({
      clock,
      cluster,
      events,
      arrivals,
      said,
      node,
      ask: (name, request, signal = never) => node(name).ask({ ...request }, signal),
    });
  } finally {
    await testbed.down();
    clock.dispose();
  }
}
