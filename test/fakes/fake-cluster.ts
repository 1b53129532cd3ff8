/** A cluster in memory, for tests of the nemesis: nodes that live and die, links that are cut, files and logs. */
import type { Clock } from '../../harness/clock.ts';
import type { EventSink, RunEvent } from '../../harness/event.ts';
import type { Nanoseconds, NodeName } from '../../harness/operation.ts';
import type { Cluster, Link, Liveness, Network, Node } from '../../harness/testbed.ts';
import { linkKey } from '../../harness/testbed.ts';

/** A RunEvent without its interval. */
type Told = RunEvent extends infer E
  ? E extends RunEvent
    ? Omit<E, 'notBefore' | 'notAfter'>
    : never
  : never;

export class FakeNode implements Node {
  readonly name: NodeName;
  readonly address: string;
  state: Liveness = 'running';
  starts = 1;
  /** Acts in order, for assertions. */
  readonly acts: string[] = [];
  /** Called after every start of the server. */
  started: () => void = () => undefined;
  /** An act that does nothing, as if it had not worked. */
  broken: string | null = null;
  /** Answers to nobody, whatever its state; null: when its host is gone. */
  silence: boolean | null = null;
  readonly #tell: (event: Told) => void;
  readonly #files = new Set<{
    directory: string;
    changed: (name: string, at: Nanoseconds) => void;
  }>();
  readonly #logs = new Set<(line: string, at: Nanoseconds) => void>();
  readonly #clock: Clock;

  constructor(name: NodeName, clock: Clock, tell: (event: Told) => void) {
    this.name = name;
    this.address = `10.0.0.${name.slice(1)}`;
    this.#clock = clock;
    this.#tell = tell;
  }

  start(): Promise<void> {
    return this.#act('start', () => {
      this.state = 'running';
      this.starts++;
      this.#tell({ type: 'node-up', node: this.name });
      this.started();
    });
  }
  kill(): Promise<void> {
    return this.#act('kill', () => this.#die('dead', 'killed'));
  }
  crash(): Promise<void> {
    return this.#act('crash', () => this.#die('gone', 'crashed'));
  }
  pause(): Promise<void> {
    return this.#act('pause', () => {
      if (this.state !== 'running')
        throw new Error(`pause of ${this.name}, which is ${this.state}`);
      this.state = 'paused';
      this.#tell({ type: 'node-paused', node: this.name });
    });
  }
  resume(): Promise<void> {
    return this.#act('resume', () => {
      this.state = 'running';
      this.#tell({ type: 'node-resumed', node: this.name });
    });
  }
  async alive(): Promise<Liveness> {
    return this.state;
  }
  incarnation(): string | null {
    return this.state === 'dead' || this.state === 'gone' ? null : String(this.starts);
  }

  followLog(line: (line: string, at: Nanoseconds) => void): Disposable {
    this.#logs.add(line);
    return { [Symbol.dispose]: () => void this.#logs.delete(line) };
  }
  watchFiles(directory: string, changed: (name: string, at: Nanoseconds) => void): Disposable {
    const watcher = { directory, changed };
    this.#files.add(watcher);
    return { [Symbol.dispose]: () => void this.#files.delete(watcher) };
  }
  log(line: string): void {
    for (const listener of [...this.#logs]) listener(line, this.#clock.now());
  }
  write(directory: string, name: string): void {
    for (const watcher of [...this.#files]) {
      if (watcher.directory === directory) watcher.changed(name, this.#clock.now());
    }
  }
  get silent(): boolean {
    return this.silence ?? this.state === 'gone';
  }
  get watchers(): number {
    return this.#files.size + this.#logs.size;
  }

  async #act(what: string, act: () => void): Promise<void> {
    this.acts.push(what);
    if (this.broken !== what) act();
  }
  #die(state: Liveness, cause: 'killed' | 'crashed'): void {
    if (this.state === state) return;
    this.state = state;
    this.#tell({ type: 'node-down', node: this.name, cause, expected: true });
  }
}

export class FakeNetwork implements Network {
  readonly cuts = new Map<string, readonly Link[]>();
  settledAfter: Nanoseconds = 0;
  /** Rules are there, and do nothing: the engine without br_netfilter. */
  powerless = false;
  /** Links that pass data whatever is cut. */
  readonly leaks = new Set<string>();
  /** Reads back no rules. */
  blind = false;
  readonly #drops = new Map<string, number>();
  readonly #clock: Clock;
  readonly #nodes: ReadonlyMap<NodeName, FakeNode>;
  #healedAt: Nanoseconds = 0;

  constructor(clock: Clock, nodes: ReadonlyMap<NodeName, FakeNode>) {
    this.#clock = clock;
    this.#nodes = nodes;
  }
  async cut(key: string, links: readonly Link[]): Promise<void> {
    this.cuts.set(key, links);
  }
  async heal(key: string): Promise<void> {
    this.cuts.delete(key);
    this.#healedAt = this.#clock.now();
  }
  async healAll(): Promise<void> {
    this.cuts.clear();
  }
  async observed(): Promise<readonly Link[]> {
    return this.blind ? [] : [...this.cuts.values()].flat();
  }
  async dropped(): Promise<ReadonlyMap<string, number>> {
    return new Map(this.#drops);
  }
  async reachable(link: Link): Promise<boolean> {
    const key = linkKey(link);
    if (this.#nodes.get(link.to)?.silent === true) return false;
    const cut = [...this.cuts.values()].flat().some((one) => linkKey(one) === key);
    if (!cut || this.powerless || this.leaks.has(key)) return true;
    this.#drops.set(key, (this.#drops.get(key) ?? 0) + 1);
    return false;
  }
  async settled(): Promise<boolean> {
    return this.#clock.now() - this.#healedAt >= this.settledAfter;
  }
}

export class FakeCluster implements Cluster {
  readonly kind = 'simulated';
  readonly nodes: readonly FakeNode[];
  readonly spares: readonly FakeNode[];
  readonly network: FakeNetwork;

  constructor(
    clock: Clock,
    names: readonly NodeName[],
    events: EventSink = () => undefined,
    spares: readonly NodeName[] = [],
  ) {
    const tell = (event: Told): void =>
      events({ ...event, notBefore: clock.now(), notAfter: clock.now() });
    this.nodes = names.map((name) => new FakeNode(name, clock, tell));
    this.spares = spares.map((name) => new FakeNode(name, clock, tell));
    this.network = new FakeNetwork(clock, new Map(this.nodes.map((node) => [node.name, node])));
  }
  node(name: NodeName): FakeNode {
    const found = [...this.nodes, ...this.spares].find((node) => node.name === name);
    if (found === undefined) throw new Error(`no node ${name}`);
    return found;
  }
}
