/** What kill, crash and pause have in common: they act on nodes one by one, and each node is verified. */
import type {
  Armed,
  Claim,
  Fault,
  FaultAbout,
  FaultContext,
  Observation,
  ParameterForm,
  Targets,
  Verification,
} from '../harness/nemesis.ts';
import type { Nanoseconds, NodeName } from '../harness/operation.ts';
import type { Node } from '../harness/testbed.ts';
import type { Undo } from '../harness/undo.ts';
import { Acts } from './acts.ts';
import { resolveNodes } from './selector.ts';

/** One node under such a fault. */
export interface NodeTarget {
  readonly node: Node;
  readonly context: FaultContext;
  /** All nodes of the step. */
  readonly targets: readonly NodeName[];
  /** The server's incarnation before the fault. */
  readonly incarnation: string | null;
  /** When the last act (the fault, or its healing) began. */
  readonly since: Nanoseconds;
}

/** What is particular to one kind. */
export interface NodeFaultKind {
  readonly kind: string;
  readonly summary: string;
  readonly selectors: Fault['selectors'];
  readonly about: FaultAbout;
  readonly resources: readonly Claim['resource'][];
  /** Default: none. */
  readonly parameters?: Readonly<Record<string, ParameterForm>>;
  /** Resources that a step with these parameters does not wait for. Default: it waits for all. */
  unclaimed?(step: FaultContext['step']): readonly Claim['resource'][];
  /** What the guardian must do when the harness dies: `start` or `resume`. */
  readonly undo: 'start' | 'resume';
  act(node: Node): Promise<void>;
  heal(node: Node): Promise<void>;
  inEffect(target: NodeTarget): Promise<Verification>;
  healed(target: NodeTarget): Promise<Verification>;
}

export function nodeFault(kind: NodeFaultKind): Fault {
  return {
    kind: kind.kind,
    summary: kind.summary,
    selectors: kind.selectors,
    about: kind.about,
    parameters: kind.parameters ?? {},
    unavailable: ({ nodes }) =>
      nodes.map(({ cannot }) => cannot?.[kind.kind] ?? null).find((why) => why !== null) ?? null,
    resolve: (context) => {
      const unclaimed = kind.unclaimed?.(context.step) ?? [];
      const claimed = kind.resources.filter((resource) => !unclaimed.includes(resource));
      return resolveNodes(context, claimed);
    },
    prepare: async (context, targets) => new ArmedNodes(kind, context, targets),
  };
}

class ArmedNodes implements Armed {
  readonly undo: Undo;
  readonly #kind: NodeFaultKind;
  readonly #context: FaultContext;
  readonly #nodes: readonly Node[];
  readonly #incarnations: ReadonlyMap<NodeName, string | null>;
  readonly #acts = new Acts();
  #since: Nanoseconds = 0;

  constructor(kind: NodeFaultKind, context: FaultContext, targets: Targets) {
    this.#kind = kind;
    this.#context = context;
    this.#nodes = targets.nodes.map((name) => context.cluster.node(name));
    this.#incarnations = new Map(this.#nodes.map((node) => [node.name, node.incarnation()]));
    this.undo = targets.nodes.map((node) => ({ act: kind.undo, node }));
  }

  fire(): void {
    this.#since = this.#context.clock.now();
    for (const node of this.#nodes) {
      this.#acts.begin(`${this.#kind.kind} ${node.name}`, () => this.#kind.act(node));
    }
  }

  done(): Promise<void> {
    return this.#acts.done();
  }

  async verify(): Promise<Verification> {
    return merge(await this.#each((target) => this.#kind.inEffect(target)), this.#acts.failures());
  }

  async heal(): Promise<void> {
    this.#since = this.#context.clock.now();
    const results = await Promise.allSettled(this.#nodes.map((node) => this.#kind.heal(node)));
    for (const result of results) if (result.status === 'rejected') throw result.reason as Error;
  }

  async verifyHealed(): Promise<Verification> {
    return merge(await this.#each((target) => this.#kind.healed(target)), []);
  }

  #each(look: (target: NodeTarget) => Promise<Verification>): Promise<readonly Verification[]> {
    const targets = this.#nodes.map(({ name }) => name);
    return Promise.all(
      this.#nodes.map((node) =>
        look({
          node,
          targets,
          context: this.#context,
          incarnation: this.#incarnations.get(node.name) ?? null,
          since: this.#since,
        }),
      ),
    );
  }
}

/** Every node must be verified, and no act may have failed. */
function merge(parts: readonly Verification[], failures: readonly Observation[]): Verification {
  return {
    verified: failures.length === 0 && parts.every((part) => part.verified),
    observations: [...parts.flatMap((part) => part.observations), ...failures],
  };
}
