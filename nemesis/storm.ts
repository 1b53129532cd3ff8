/**
 * Storms: chains of kills and restarts across the nodes, each waiting for the one before and then for a moment drawn
 * from what the system tells of itself.
 *
 * What consensus has to get right is the hand-over from one majority to the next. So a storm keeps just a majority
 * running, and turn by turn replaces it: a member dies soon after it has acknowledged something, a node that was away
 * joins; often it dies again while it joins, and those that are left with it, and the next majority is of the nodes
 * that were away longest: it overlaps as little as can be with the one that acknowledged last.
 */
import type { ChainRequest, FaultStep, NemesisPackage, Trigger } from '../harness/nemesis.ts';
import { SECOND, type NodeName } from '../harness/operation.ts';
import { drawDelay, drawJoining, drawService, drawUnserved } from './moments.ts';

/** Fewer turns than this a span would leave it idle on the fastest machine. */
const FASTEST_TURN = 2.5 * SECOND;
/** A span shorter than this has no storm. */
const SHORTEST_SPAN = SECOND;
/** How often the node that joins dies again while it does. */
const JOINER_DIES = 0.6;
/** How often those that it joined die with it. */
const REST_DIES = 0.6;
/** How often the node that was away longest is the next to start; any other that is away otherwise. */
const OLDEST_STARTS = 0.75;

/** The package `storm`. Its kind is that of package `kill`. */
export const stormPackage: NemesisPackage = {
  name: 'storm',
  summary: 'chains of kills and restarts that hand over from majority to majority',
  kinds: [],
  colour: '#b5651d',
  draw: () => ({ kind: 'kill', selector: 'one' }),
  chains: (request) =>
    request.span.to - request.span.from < SHORTEST_SPAN ? [] : new Storm(request).draw(),
};

/** A step that grows: its healing is drawn when the node is started. */
interface Open {
  readonly step: FaultStep;
  heal: Trigger;
}

/** One storm, drawn from its beginning to its end as if everything went as planned. */
class Storm {
  readonly #request: ChainRequest;
  readonly #steps: Open[] = [];
  /** Nodes that are away, longest first, each with its step. */
  readonly #away = new Map<NodeName, Open>();
  /** What the next act waits for: the state that the last one leads to. */
  #last: Trigger | null = null;

  constructor(request: ChainRequest) {
    this.#request = request;
  }

  draw(): readonly FaultStep[] {
    const { draws, moments, span } = this.#request;
    const turns = Math.ceil((span.to - span.from) / FASTEST_TURN);
    while (this.#up().length > this.#fewest()) this.#kill(draws.pick(this.#up()), drawDelay(draws));
    for (let turn = 0; turn < turns; turn++) {
      if (this.#keeps()) this.#start();
      this.#kill(draws.pick(this.#up()), drawService(draws, moments));
      this.#join();
      while (this.#up().length < this.#fewest()) this.#start();
    }
    return this.#steps.map(({ step, heal }) => ({ ...step, heal: this.#inTime(heal) }));
  }

  /** A bare majority: the fewest that serve. */
  #fewest(): number {
    return Math.floor(this.#request.nodes.length / 2) + 1;
  }

  #keeps(): boolean {
    return this.#request.quorum === 'keep';
  }

  /** One node joins those that are left; it may die again while it does, and they with it. */
  #join(): void {
    const { draws, moments } = this.#request;
    const joiner = this.#start();
    if (joiner === null || draws.next() >= JOINER_DIES) return;
    this.#kill(joiner, drawJoining(draws, joiner, moments));
    if (draws.next() >= REST_DIES || this.#keeps()) return;
    for (const node of this.#up()) this.#kill(node, { after: 0 });
  }

  #up(): readonly NodeName[] {
    return this.#request.nodes.filter((node) => !this.#away.has(node));
  }

  #kill(node: NodeName, moment: Trigger): void {
    const id = `${this.#request.prefix}-${this.#steps.length + 1}`;
    const step: FaultStep = {
      id,
      lane: `storm/${node}`,
      kind: 'kill',
      selector: [node],
      trigger: this.#after(moment, { at: this.#request.span.from }),
      heal: { end: true },
      draw: this.#request.draws.below(0x7fffffff),
    };
    const open: Open = { step, heal: { at: this.#request.span.to } };
    this.#steps.push(open);
    this.#away.set(node, open);
    this.#last = { fault: { id, state: 'verified' } };
  }

  #start(): NodeName | null {
    const { draws, moments } = this.#request;
    const [oldest, ...others] = [...this.#away.keys()];
    if (oldest === undefined) return null;
    const other = draws.next() >= OLDEST_STARTS && others.length > 0;
    const node = other ? draws.pick(others) : oldest;
    const open = this.#away.get(node);
    if (open === undefined) return null;
    open.heal = this.#after(drawUnserved(draws, this.#up(), moments), open.heal);
    this.#away.delete(node);
    this.#last = { fault: { id: open.step.id, state: 'healed' } };
    return node;
  }

  /** After the last act, and then the moment. @param first what the very first act waits for */
  #after(moment: Trigger, first: Trigger): Trigger {
    return { then: [this.#last ?? first, moment] };
  }

  /** Whatever happens, all is healed when the span ends. */
  #inTime(heal: Trigger): Trigger {
    const { to } = this.#request.span;
    return 'at' in heal ? heal : { or: [heal, { at: to }] };
  }
}
