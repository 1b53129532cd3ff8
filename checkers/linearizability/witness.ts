/** Orders of all operations from the changes that a search put in order. */
import type { PlacedChange } from './demand-search.ts';
import { NEVER, READ, REFUSED, WRITE } from './register-problem.ts';
import type { SearchFrame } from './search-frame.ts';

/**
 * Puts what is not among the changes between them: a read or refused compare where the state fits, an unseen write where
 * it writes what is there or right before another write.
 * @returns operations of the problem in order.
 */
export function completeOrder(frame: SearchFrame, changes: readonly PlacedChange[]): number[] {
  return new Placement(frame, changes).order();
}

class Placement {
  readonly #frame: SearchFrame;
  readonly #changes: readonly PlacedChange[];
  /** By gap (before the change of that number): what happens in it, and what happens right before the change. */
  readonly #inGap: (number[] | undefined)[];
  readonly #beforeChange: (number[] | undefined)[];

  constructor(frame: SearchFrame, changes: readonly PlacedChange[]) {
    this.#frame = frame;
    this.#changes = changes;
    this.#inGap = new Array<number[] | undefined>(changes.length + 1);
    this.#beforeChange = new Array<number[] | undefined>(changes.length + 1);
  }

  order(): number[] {
    const { events, eventCount, end } = this.#frame;
    const placed = new Set(this.#changes.map(({ operation }) => operation));
    let gap = 0;
    for (let position = 0; position < eventCount; position++) {
      const operation = events[position] as number;
      if (operation < 0 || end[operation] === NEVER || placed.has(operation)) continue;
      while (gap < this.#changes.length && this.#positionOf(gap) <= position) gap++;
      this.#place(operation, gap);
    }
    const order: number[] = [];
    for (let at = 0; at <= this.#changes.length; at++) {
      for (const operation of this.#inGap[at] ?? []) order.push(operation);
      for (const operation of this.#beforeChange[at] ?? []) order.push(operation);
      const change = this.#changes[at];
      if (change !== undefined) order.push(change.operation);
    }
    return order;
  }

  #positionOf(change: number): number {
    return (this.#changes[change] as PlacedChange).position;
  }

  /** Puts it in the first gap, from the one of its call on, that suits it. */
  #place(operation: number, from: number): void {
    const { problem, end, value, to, initial } = this.#frame;
    const kind = problem?.kind[operation];
    const ends = end[operation] as number;
    for (let gap = from; gap === from || this.#positionOf(gap - 1) <= ends; gap++) {
      const before = this.#changes[gap - 1];
      const state = before === undefined ? initial : to[before.operation];
      const same = (kind === WRITE ? to[operation] : value[operation]) === state;
      const change = this.#changes[gap];
      if (kind === REFUSED ? !same : same) {
        (this.#inGap[gap] ??= []).push(operation);
        return;
      }
      if (change === undefined) break;
      const hidden = problem?.kind[change.operation] === WRITE && change.position <= ends;
      if (kind === WRITE && hidden) {
        (this.#beforeChange[gap] ??= []).push(operation);
        return;
      }
    }
    const what = kind === READ ? 'read' : kind === WRITE ? 'write' : 'compare';
    throw new Error(`a witness has no place for ${what} ${String(operation)}`);
  }
}
