/** Faults of which a server may die: its death is theirs, and they start it again when they are healed. */
import type { Armed, Fault, FaultContext } from '../harness/nemesis.ts';
import type { Node } from '../harness/testbed.ts';

/** The same fault, said to be one that a server may die of. */
export function mayEnd(fault: Fault): Fault {
  return {
    ...fault,
    resolve: async (context) => {
      const targets = await fault.resolve(context);
      return targets === null ? null : { ...targets, endsServers: true };
    },
    prepare: async (context, targets) =>
      new StartsAfterwards(
        await fault.prepare(context, targets),
        targets.nodes.map((name) => context.cluster.node(name)),
        context,
      ),
  };
}

class StartsAfterwards implements Armed {
  readonly undo: Armed['undo'];
  readonly done?: () => Promise<void>;
  readonly #armed: Armed;
  readonly #nodes: readonly Node[];
  readonly #context: FaultContext;

  constructor(armed: Armed, nodes: readonly Node[], context: FaultContext) {
    this.#armed = armed;
    this.#nodes = nodes;
    this.#context = context;
    this.undo = [...armed.undo, ...nodes.map(({ name }) => ({ act: 'start', node: name }))];
    if (armed.done !== undefined) this.done = () => armed.done?.() ?? Promise.resolve();
  }

  fire(): void {
    this.#armed.fire();
  }

  /** A server that died of it shows that it took effect better than anything. */
  async verify(): ReturnType<Armed['verify']> {
    const looked = await this.#armed.verify();
    const dead = this.#nodes.filter((node) => node.incarnation() === null);
    const told = dead.map(({ name }) => ({
      means: `events of ${name}`,
      seen: `${this.#context.lastSeen(name)?.type ?? 'none'}: it died of it`,
      confirms: true,
    }));
    const observations = [...looked.observations, ...told];
    return { verified: looked.verified || dead.length > 0, observations };
  }

  async heal(): Promise<void> {
    await this.#armed.heal();
    const dead = this.#nodes.filter((node) => node.incarnation() === null);
    await Promise.all(dead.map((node) => node.start()));
  }

  async verifyHealed(): ReturnType<Armed['verify']> {
    const looked = await this.#armed.verifyHealed();
    const states = await Promise.all(
      this.#nodes.map(async (node) => {
        const seen = await node.alive();
        return { means: `process of ${node.name}`, seen, confirms: seen === 'running' };
      }),
    );
    const observations = [...looked.observations, ...states];
    const verified = looked.verified && states.every(({ confirms }) => confirms);
    return { verified, observations };
  }

  disarm(): void {
    this.#armed.disarm?.();
  }
}
