/** Acts on one node after another: each serves again before the next has its turn. */
import type { Armed, FaultContext, Observation, Verification } from '../harness/nemesis.ts';
import { MILLISECOND, SECOND, type NodeName } from '../harness/operation.ts';
import type { Node } from '../harness/testbed.ts';
import type { Undo } from '../harness/undo.ts';

/** What is done to each node. */
export interface RollingAct {
  readonly undo: Undo;
  /** Done once, before the first node. Default: nothing. */
  before?(): Promise<void>;
  act(node: Node): Promise<void>;
  /** What else tells that it was done to this node. Default: nothing. */
  seen?(node: Node): Promise<Observation>;
  /** Whether the next node waits until this one serves. Default: true. */
  readonly oneByOne?: boolean;
}

const SERVING_LIMIT = 20 * SECOND;
/** How long the first node may take, before the fault counts as without effect. */
const FIRST_LIMIT = 15 * SECOND;
const PERIOD = 50 * MILLISECOND;

export class ArmedRolling implements Armed {
  readonly undo: Undo;
  readonly #context: FaultContext;
  readonly #nodes: readonly Node[];
  readonly #before: ReadonlyMap<NodeName, string | null>;
  readonly #what: RollingAct;
  /** Nodes it was done to. */
  readonly #passed = new Set<NodeName>();
  #work: Promise<void> = Promise.resolve();
  #problem: string | null = null;

  constructor(context: FaultContext, names: readonly NodeName[], what: RollingAct) {
    this.undo = what.undo;
    this.#context = context;
    this.#nodes = names.map((name) => context.cluster.node(name));
    this.#before = new Map(this.#nodes.map((node) => [node.name, node.incarnation()]));
    this.#what = what;
  }

  fire(): void {
    this.#work = this.#roll().catch((error: unknown) => {
      this.#problem = error instanceof Error ? error.message : String(error);
    });
  }

  /** Waits, a bounded time, until it was done to the first node. */
  async verify(): Promise<Verification> {
    const { clock } = this.#context;
    const limit = clock.now() + FIRST_LIMIT;
    while (this.#passed.size === 0 && this.#problem === null && clock.now() < limit) {
      await clock.sleep(PERIOD);
    }
    const passed = this.#nodes.filter(({ name }) => this.#passed.has(name));
    const looks = await Promise.all(passed.map((node) => this.#look(node)));
    const observations = [...looks.flat(), ...this.#complaints()];
    const verified = passed.length > 0 && observations.every(({ confirms }) => confirms);
    return { verified, observations: passed.length > 0 ? observations : this.#nothing() };
  }

  /** What was begun is brought to its end. */
  async heal(): Promise<void> {
    await this.#work;
    if (this.#problem !== null) {
      // Whatever went wrong, nobody is left down.
      await Promise.all(this.#nodes.map((node) => node.start()));
      throw new Error(this.#problem);
    }
  }

  async verifyHealed(): Promise<Verification> {
    const looks = await Promise.all(
      this.#nodes.map(async (node) => [...(await this.#look(node)), await this.#service(node)]),
    );
    const observations = looks.flat();
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  async #roll(): Promise<void> {
    await this.#what.before?.();
    if (this.#what.oneByOne === false) {
      await Promise.all(this.#nodes.map((node) => this.#one(node)));
      return;
    }
    for (const node of this.#nodes) {
      await this.#one(node);
      await this.#serving(node);
    }
  }

  async #one(node: Node): Promise<void> {
    await this.#what.act(node);
    this.#passed.add(node.name);
  }

  async #serving(node: Node): Promise<void> {
    const { clock } = this.#context;
    const limit = clock.now() + SERVING_LIMIT;
    while (!(await this.#service(node)).confirms) {
      if (clock.now() >= limit) {
        throw new Error(`${node.name} did not serve within ${SERVING_LIMIT / SECOND} s`);
      }
      await clock.sleep(PERIOD);
    }
  }

  async #service(node: Node): Promise<Observation> {
    const { serves } = this.#context;
    const confirms =
      serves === undefined ? (await node.alive()) === 'running' : await serves(node.name);
    return { means: `service of ${node.name}`, seen: confirms ? 'serves' : 'none', confirms };
  }

  async #look(node: Node): Promise<readonly Observation[]> {
    const [before, now] = [this.#before.get(node.name) ?? null, node.incarnation()];
    const event = this.#context.lastSeen(node.name);
    const up: Observation = {
      means: `events of ${node.name}`,
      seen: event === null ? 'none' : `${event.type} at ${event.notAfter} ns`,
      // Another fault may have to do with it since.
      confirms: event !== null,
    };
    const other: Observation = {
      means: `incarnation of ${node.name}`,
      seen: `${now} (before: ${before})`,
      confirms: now !== before,
    };
    const more = await this.#what.seen?.(node);
    return [other, up, ...(more === undefined ? [] : [more])];
  }

  #complaints(): readonly Observation[] {
    if (this.#problem === null) return [];
    return [{ means: 'acts', seen: `failed: ${this.#problem}`, confirms: false }];
  }

  #nothing(): readonly Observation[] {
    if (this.#problem !== null) return this.#complaints();
    return [{ means: 'acts', seen: 'no node has had its turn yet', confirms: false }];
  }
}
