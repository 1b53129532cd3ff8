/** A simulated server process and the host it runs on: its life, its mailbox, its timers, its disk. */
import type { Clock, Timer } from '../../clock.ts';
import type { EventSink } from '../../event.ts';
import type { Nanoseconds, NodeName, Value } from '../../operation.ts';
import type { Random } from '../../random.ts';
import { SimulatedClock } from '../../simulated-clock.ts';
import type { Liveness, NodePlan } from '../../testbed.ts';
import type { Channel } from './message-network.ts';
import type { ModelDefinition, ModelIo, ModelNode } from './model.ts';

/** The server's end of a client's connection. */
export interface Peer {
  /** An answer leaves for the client. */
  answer(request: number, body: Value): void;
  /** The server's kernel closes the connection: its process died. */
  reset(): void;
}

export interface ProcessOptions<Message> {
  readonly name: NodeName;
  readonly nodes: readonly NodeName[];
  readonly plan: NodePlan;
  readonly model: ModelDefinition<Message>;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: EventSink;
  readonly say: (line: string) => void;
  /** The way to each other node, and its process. */
  readonly route: (to: NodeName) => Route<Message>;
}

export interface Route<Message> {
  readonly channel: Channel;
  readonly process: SimulatedProcess<Message>;
}

/** One start of the server: over for good once it ended, whatever still refers to it. */
interface Life {
  readonly number: number;
  readonly timers: Map<string, Timer>;
  readonly requests: Map<number, { readonly peer: Peer; readonly id: number }>;
  over: boolean;
}

interface Running<Message> {
  readonly life: Life;
  readonly model: ModelNode<Message>;
}

export class SimulatedProcess<Message> {
  readonly options: ProcessOptions<Message>;
  private readonly disk = new Map<string, unknown>();
  private readonly peers = new Set<Peer>();
  private running: Running<Message> | null = null;
  private host: 'up' | 'lost' = 'up';
  private paused = false;
  private starts = 0;
  private requestCount = 0;
  private mailbox: (() => void)[] = [];

  constructor(options: ProcessOptions<Message>) {
    this.options = options;
  }

  get liveness(): Liveness {
    if (this.host === 'lost') return 'gone';
    if (this.running === null) return 'dead';
    return this.paused ? 'paused' : 'running';
  }

  /** Number of the start that runs now; 0 when none does. */
  get incarnation(): number {
    return this.running?.life.number ?? 0;
  }

  start(): void {
    if (this.running !== null) return;
    this.host = 'up';
    const life = { number: ++this.starts, timers: new Map(), requests: new Map(), over: false };
    const model = this.options.model.create(this.io(life));
    this.running = { life, model };
    this.tell({ type: 'node-up' });
    this.run(() => model.start());
  }

  /** The process dies; its host closes its connections. */
  kill(): void {
    if (this.running === null) return;
    this.end();
    for (const peer of this.peers) peer.reset();
    this.peers.clear();
    this.hangUp();
    this.tell({ type: 'node-down', cause: 'killed', exitCode: 137, expected: true });
  }

  /** The host is lost, with its process: nobody is told anything. */
  crash(): void {
    if (this.host === 'lost') return;
    this.end();
    this.host = 'lost';
    this.peers.clear();
    this.tell({ type: 'node-down', cause: 'crashed', expected: true });
  }

  /** What arrives from now on waits, timers too. */
  pause(): void {
    if (this.liveness !== 'running') return;
    this.paused = true;
    this.tell({ type: 'node-paused' });
  }

  resume(): void {
    if (this.liveness !== 'paused') return;
    this.paused = false;
    this.tell({ type: 'node-resumed' });
    const waiting = this.mailbox;
    this.mailbox = [];
    for (const work of waiting) this.run(work);
  }

  /** Ends without a word, at the end of a run. */
  dispose(): void {
    this.end();
    this.peers.clear();
  }

  attach(peer: Peer): void {
    this.peers.add(peer);
  }

  detach(peer: Peer): void {
    this.peers.delete(peer);
  }

  /** A peer's message arrived. A message sent to an earlier start is lost with its connection. */
  receive(from: NodeName, message: Message, incarnation: number): void {
    const { running } = this;
    if (running?.life.number !== incarnation) return;
    this.run(() => running.model.receive(from, message));
  }

  /** Closes its connections with peers, those that would listen to it. */
  private hangUp(): void {
    const { name, nodes, route } = this.options;
    for (const other of nodes) {
      if (other === name) continue;
      const { channel, process } = route(other);
      if (process.running?.model.closed === undefined) continue;
      const { incarnation } = process;
      channel.send(() => process.hearClosed(name, incarnation), 'quietly');
    }
  }

  private hearClosed(peer: NodeName, incarnation: number): void {
    const { running } = this;
    if (running?.life.number === incarnation) this.run(() => running.model.closed?.(peer));
  }

  /** A client's request arrived, over a connection to the start that runs now. */
  request(peer: Peer, id: number, body: Value): void {
    const { running } = this;
    if (running === null) return;
    const request = ++this.requestCount;
    running.life.requests.set(request, { peer, id });
    this.run(() => running.model.request(request, body));
  }

  private end(): void {
    const life = this.running?.life;
    if (life !== undefined) {
      life.over = true;
      for (const timer of life.timers.values()) timer.cancel();
    }
    this.running = null;
    this.paused = false;
    this.mailbox = [];
  }

  /** Runs a handler now, or when resumed. */
  private run(work: () => void): void {
    if (this.running === null) return;
    if (this.paused) {
      this.mailbox.push(work);
      return;
    }
    try {
      work();
    } catch (error) {
      this.panic(error);
    }
  }

  /** A handler threw: the process exits, and nothing of ours did it. */
  private panic(error: unknown): void {
    const { name, say, clock } = this.options;
    const peers = [...this.peers];
    this.end();
    this.peers.clear();
    // Handlers run as quiet events; what follows from a death may settle promises.
    clock.soon(() => {
      say(
        `${name} panicked: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      for (const peer of peers) peer.reset();
      this.hangUp();
      this.tell({ type: 'node-down', cause: 'exited', exitCode: 1, expected: false });
    });
  }

  private io(life: Life): ModelIo<Message> {
    const { name, nodes, plan, clock, random } = this.options;
    return {
      name,
      nodes,
      plan,
      storage: {
        get: (key) => this.disk.get(key),
        put: (key, value) => {
          if (!life.over) this.disk.set(key, value);
        },
      },
      random: random.sequence(`model ${name}`, life.number),
      now: () => clock.now(),
      send: (to, message) => {
        if (!life.over) this.send(to, message);
      },
      answer: (request, body) => {
        if (!life.over) answer(life, request, body);
      },
      setTimer: (timer, afterNanos) => {
        if (!life.over) this.setTimer(life, timer, afterNanos);
      },
    };
  }

  private send(to: NodeName, message: Message): void {
    const { name, route } = this.options;
    const { channel, process } = route(to);
    const { incarnation } = process;
    channel.send(() => process.receive(name, message, incarnation), 'quietly');
  }

  private setTimer({ timers }: Life, name: string, afterNanos: Nanoseconds): void {
    const { clock } = this.options;
    timers.get(name)?.cancel();
    const timer = this.quietly(clock.now() + afterNanos, () => {
      // Paused meanwhile, the model may have set it anew before this is its turn.
      this.run(() => {
        if (timers.get(name) !== timer) return;
        timers.delete(name);
        this.running?.model.timer(name);
      });
    });
    timers.set(name, timer);
  }

  private quietly(time: Nanoseconds, callback: () => void): Timer {
    const { clock } = this.options;
    return clock instanceof SimulatedClock
      ? clock.atQuietly(time, callback)
      : clock.at(time, callback);
  }

  private tell(event: ProcessEvent): void {
    const { name, clock, events } = this.options;
    events({ ...event, node: name, notBefore: clock.now(), notAfter: clock.now() });
  }
}

type ProcessEvent =
  | { readonly type: 'node-up' | 'node-paused' | 'node-resumed' }
  | {
      readonly type: 'node-down';
      readonly cause: 'killed' | 'crashed' | 'exited';
      readonly exitCode?: number;
      readonly expected: boolean;
    };

/** @throws Error when there is no such request: a bug of the model. */
function answer({ requests }: Life, request: number, body: Value): void {
  const asked = requests.get(request);
  if (asked === undefined) throw new Error(`request ${request} is not open: answered twice?`);
  requests.delete(request);
  asked.peer.answer(asked.id, body);
}
