/** Numbers, the one of the least priority first. */
export class PriorityHeap {
  readonly #priority: Float64Array;
  readonly #items: number[] = [];

  /** @param priority by number; must not change while the number is in the heap. */
  constructor(priority: Float64Array) {
    this.#priority = priority;
  }

  push(item: number): void {
    const items = this.#items;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!this.#isBefore(item, items[parent] as number)) break;
      items[at] = items[parent] as number;
      at = parent;
    }
    items[at] = item;
  }

  /** Undefined when there is none. */
  pop(): number | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= items.length) break;
      const right = items[child + 1];
      if (right !== undefined && this.#isBefore(right, items[child] as number)) child++;
      if (!this.#isBefore(items[child] as number, last)) break;
      items[at] = items[child] as number;
      at = child;
    }
    items[at] = last;
    return top;
  }

  #isBefore(a: number, b: number): boolean {
    const [first, second] = [this.#priority[a] as number, this.#priority[b] as number];
    return first < second || (first === second && a < b);
  }
}
