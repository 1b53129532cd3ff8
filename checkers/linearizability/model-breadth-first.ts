/**
 * Engine B for models: just-in-time linearization (Lowe, "Testing for linearizability", 2017). It carries the set of all
 * configurations (a state, and which of the pending operations are in the order) from event to event, and extends an
 * order only when an operation ends that is not in it yet. The first end at which no configuration is left closes the
 * shortest illegal prefix. It shares the problem with engine A, not its algorithm, its order or its memory.
 */
import type { Allowance } from '../check-allowance.ts';
import { GrowingInts } from '../growing-columns.ts';
import type { ModelSearchResult } from './model-depth-first.ts';
import { IMPOSSIBLE } from './model-problem.ts';
import type { ModelProblem, StateMachine } from './model-problem.ts';
import { RowSet } from './model-row-set.ts';

export type FrontierResult = ModelSearchResult & {
  /** Number of events of the shortest illegal prefix, or of those that were passed. */
  readonly events: number;
};

/** Passes the events one by one until none is left, no configuration is left, or the allowance is used up. */
export function searchBreadthFirst(problem: ModelProblem, allowance: Allowance): FrontierResult {
  const frontier = new Frontier(problem);
  const { events } = problem;
  for (let i = 0; i < events.length; i++) {
    const event = events[i] as number;
    if (event >= 0) {
      frontier.call(event);
      continue;
    }
    const outcome = frontier.end(~event, allowance);
    if (outcome === 'passed') continue;
    return { outcome, order: frontier.longestOrder(), blocked: ~event, events: i + 1 };
  }
  return { outcome: 'legal', order: frontier.longestOrder(), events: events.length };
}

const NONE = -1;

/** The configurations that explain what was seen so far. Fed with the events in their real-time order. */
class Frontier {
  private readonly machine: StateMachine;
  private readonly endsLater: Uint8Array;
  private readonly words: number;
  /** Pending operations by slot, and the slot of each operation. */
  private readonly pending: number[] = [];
  private readonly freeSlots: number[] = [];
  private readonly slotOf: Int32Array;
  private readonly twin: Int32Array;
  private readonly openOfClass = new Map<number, number>();
  /** Rows: state, bits by slot. The order that led to each row, as a chain of nodes. */
  private current: RowSet;
  private upcoming: RowSet;
  private readonly explored: RowSet;
  private nodes = new GrowingInts();
  private upcomingNodes = new GrowingInts();
  private readonly exploredNodes = new GrowingInts();
  private readonly chainOperation = new GrowingInts();
  private readonly chainBefore = new GrowingInts();

  constructor({ size, events, machine }: ModelProblem) {
    this.machine = machine;
    this.endsLater = new Uint8Array(size);
    for (const event of events) if (event < 0) this.endsLater[~event] = 1;
    this.words = Math.max(1, Math.ceil(mostPending(events) / 32));
    this.slotOf = new Int32Array(size);
    this.twin = new Int32Array(size).fill(NONE);
    this.current = new RowSet(1 + this.words);
    this.upcoming = new RowSet(1 + this.words);
    this.explored = new RowSet(1 + this.words);
    this.current.rows[0] = machine.initial;
    this.current.add();
    this.nodes.push(NONE);
  }

  call(operation: number): void {
    if (this.endsLater[operation] === 0) {
      if (this.machine.reads[operation] === 1) return;
      const kind = this.machine.classes[operation] as number;
      this.twin[operation] = this.openOfClass.get(kind) ?? NONE;
      this.openOfClass.set(kind, operation);
    }
    const slot = this.freeSlots.pop() ?? this.pending.length;
    this.pending[slot] = operation;
    this.slotOf[operation] = slot;
  }

  end(operation: number, allowance: Allowance): 'passed' | 'illegal' | 'exhausted' {
    const slot = this.slotOf[operation] as number;
    this.explored.clear();
    this.upcoming.clear();
    this.exploredNodes.truncate(0);
    this.upcomingNodes.truncate(0);
    for (let i = 0; i < this.current.count; i++) {
      this.reach(this.current, i, slot, this.nodes.at(i), NONE);
    }
    for (let i = 0; i < this.explored.count; i++) {
      if (!allowance.spend() || this.explored.full) return 'exhausted';
      this.extend(i, slot);
    }
    if (this.upcoming.count === 0) return 'illegal';
    [this.current, this.upcoming] = [this.upcoming, this.current];
    [this.nodes, this.upcomingNodes] = [this.upcomingNodes, this.nodes];
    this.pending[slot] = NONE;
    this.freeSlots.push(slot);
    return 'passed';
  }

  /** The order of a configuration, the longest of those at the last event. */
  longestOrder(): number[] {
    let longest: number[] = [];
    for (let i = 0; i < Math.min(this.current.count, MOST_COMPARED); i++) {
      const order: number[] = [];
      for (let node = this.nodes.at(i); node !== NONE; node = this.chainBefore.at(node)) {
        order.push(this.chainOperation.at(node));
      }
      if (order.length > longest.length) longest = order;
    }
    return longest.reverse();
  }

  /** Tries each pending operation next in the order of an explored configuration. */
  private extend(row: number, wanted: number): void {
    const start = row * this.explored.stride;
    const state = this.explored.rows[start] as number;
    const node = this.exploredNodes.at(row);
    for (let slot = 0; slot < this.pending.length; slot++) {
      const operation = this.pending[slot] as number;
      if (operation === NONE || holds(this.explored.rows, start, slot)) continue;
      // A pending read that is not in the order does not fit this state.
      if (this.machine.reads[operation] === 1) continue;
      const twin = this.twin[operation] as number;
      if (twin !== NONE && !holds(this.explored.rows, start, this.slotOf[twin] as number)) continue;
      const after = this.machine.step(state, operation);
      if (after === IMPOSSIBLE) continue;
      if (after === state && this.endsLater[operation] === 0) continue;
      this.reach(this.explored, row, wanted, node, slot, after);
    }
  }

  /** Adds the row `from` of a set, with one more operation in its order, to where it belongs. */
  private reach(
    set: RowSet,
    from: number,
    wanted: number,
    node: number,
    slot: number,
    after = set.rows[from * set.stride] as number,
  ): void {
    const source = from * set.stride;
    const isDone = slot === wanted || holds(set.rows, source, wanted);
    const target = isDone ? this.upcoming : this.explored;
    const draft = target.draft;
    target.rows[draft] = after;
    for (let word = 1; word <= this.words; word++) {
      target.rows[draft + word] = set.rows[source + word] as number;
    }
    if (slot !== NONE) flip(target.rows, draft, slot);
    let last = slot === NONE ? node : this.chain(node, this.pending[slot] as number);
    last = this.takeReads(target.rows, draft, after, last);
    // A read that ends now may have been taken just so.
    if (!isDone && holds(target.rows, draft, wanted)) {
      this.moveDraft(draft);
      flip(this.upcoming.rows, this.upcoming.draft, wanted);
      if (this.upcoming.add()) this.upcomingNodes.push(last);
      return;
    }
    if (isDone) flip(target.rows, draft, wanted);
    if (target.add()) (isDone ? this.upcomingNodes : this.exploredNodes).push(last);
  }

  private moveDraft(draft: number): void {
    const target = this.upcoming.draft;
    for (let word = 0; word <= this.words; word++) {
      this.upcoming.rows[target + word] = this.explored.rows[draft + word] as number;
    }
  }

  /** Every pending read that fits is taken at once. */
  private takeReads(rows: Int32Array, row: number, state: number, node: number): number {
    let last = node;
    for (let slot = 0; slot < this.pending.length; slot++) {
      const operation = this.pending[slot] as number;
      if (operation === NONE || this.machine.reads[operation] === 0) continue;
      if (holds(rows, row, slot)) continue;
      if (this.machine.step(state, operation) === IMPOSSIBLE) continue;
      flip(rows, row, slot);
      last = this.chain(last, operation);
    }
    return last;
  }

  private chain(before: number, operation: number): number {
    this.chainOperation.push(operation);
    this.chainBefore.push(before);
    return this.chainBefore.length - 1;
  }
}

/** The longest order is looked for among so many configurations. */
const MOST_COMPARED = 1_000;

function holds(rows: Int32Array, row: number, slot: number): boolean {
  return (((rows[row + 1 + (slot >>> 5)] as number) >>> (slot & 31)) & 1) === 1;
}

function flip(rows: Int32Array, row: number, slot: number): void {
  const word = row + 1 + (slot >>> 5);
  rows[word] = (rows[word] as number) ^ (1 << (slot & 31));
}

/** How many operations are pending at once, at most; those that never end stay so. */
function mostPending(events: readonly number[]): number {
  let pending = 0;
  let most = 0;
  for (const event of events) {
    pending += event >= 0 ? 1 : -1;
    if (pending > most) most = pending;
  }
  return most;
}
