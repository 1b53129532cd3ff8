/**
 * Just-in-time linearization on demand, with dominance: an operation is put in order when its end comes, and another one
 * before it only when something pending asks for its effect.
 *
 * A configuration is the state, which pending operations are done, which pending writes are *covered*, and how many open
 * operations of each class were used:
 * - reads and refused compares that fit the state are done at once: that takes nothing from anyone;
 * - a pending write is covered when some plain write is put in order after its call (it may stand right before it, unseen)
 *   or when it writes what is there: it may end without being used, and may still be used;
 * - a pending write, or an open operation, is used before its end only when a pending read or cas asks for its value
 *   (perhaps through a chain of open cas), when a refused compare asks for another value, or when a write of the same
 *   value covers others; a pending cas whenever it fits;
 * - of two configurations of one moment with the same state and the same cas done, the one that has done as many reads,
 *   covered as many writes and used no more open operations can do all that the other can: the other is left out.
 */
import { hasLeft, hasUncovered, lowestBit } from './bit-sets.ts';
import {
  ConfigurationNodes,
  HASH,
  LINK,
  NO_NODE,
  POSITION,
  SETS,
  STATE,
  USED,
} from './configuration-nodes.ts';
import { Demands } from './demands.ts';
import { OpenCounts } from './open-counts.ts';
import { PendingOperations } from './pending-operations.ts';
import { wider } from './register-builder.ts';
import { CAS, WRITE } from './register-problem.ts';

const FIRST_SLOTS = 64;

/**
 * Nodes (configurations) and how they come from each other. `push` the first one; then take one off the stack, bring
 * `pending` to its position, and `expand` it at the end of the slot that ends there; until the stack is empty.
 */
export class DemandEngine {
  readonly nodes = new ConfigurationNodes();
  readonly pending = new PendingOperations();
  readonly counts = new OpenCounts();
  /** Nodes to expand; the last one first. */
  stack = new Int32Array(64);
  depth = 0;
  #words = 1;
  /** By hash: the first of the nodes of one position and state that have done the same cas, plus one. */
  #slots = new Int32Array(FIRST_SLOTS);
  #chains = 0;
  /** The configuration at hand. */
  #state = 0;
  #used = 0;
  #done = new Int32Array(1);
  #covered = new Int32Array(1);
  readonly #demands = new Demands(this.pending, this.counts);

  /** Forgets all nodes and everything pending. */
  clear(words: number, valueCount: number): void {
    this.pending.clear(words, valueCount);
    this.counts.clear();
    this.#setWords(words);
  }

  /** Makes room for more slots; what is pending stays, all nodes go. */
  widen(words: number, valueCount: number): void {
    this.pending.widen(words, valueCount);
    this.#setWords(words);
  }

  clearNodes(): void {
    this.nodes.clear(this.#words);
    this.depth = 0;
    if (this.#slots.length > 4096 && this.#chains * 64 < this.#slots.length) {
      this.#slots = new Int32Array(FIRST_SLOTS);
    } else this.#slots.fill(0);
    this.#chains = 0;
  }

  /** Puts the first node of a search on the stack: nothing is done. */
  pushFirst(position: number, state: number): void {
    const base = this.#push(this.nodes.add(position, state, 0, NO_NODE, 0));
    this.nodes.data.fill(0, base + SETS, base + this.nodes.stride);
  }

  /** Puts a node with a configuration that was copied on the stack. */
  pushCopy(position: number, from: Int32Array, at: number): void {
    this.#push(this.nodes.paste(position, from, at));
  }

  /**
   * Puts everything in order that may be before the end of the operation in `slot`, one step; nodes that have passed it
   * get `next` as position. @returns false when the node was left out, because another one can do all that it can.
   */
  expand(node: number, slot: number, next: number): boolean {
    this.#load(node);
    if (!this.#visit(node)) return false;
    const word = slot >> 5;
    const bit = 1 << (slot & 31);
    if (((this.#done[word] as number) & bit) !== 0) {
      this.#pass(node, slot, next, this.#state, 0, false);
      return true;
    }
    const { refusedOf } = this.pending;
    const change = this.#isLeft(refusedOf, this.#state);
    const open = this.pending.openCalled > 0;
    if (open) {
      this.#demands.mark(this.#done, this.#used, change);
      this.#useOpen(node, change);
    }
    this.#useWrites(node, slot, change, open);
    this.#useCompares(node, slot);
    const { kind, value, to, operation } = this.pending;
    const step = (operation[slot] as number) + 1;
    if (kind[slot] === WRITE) this.#pass(node, slot, next, to[slot] as number, step, true);
    else if (kind[slot] === CAS && value[slot] === this.#state) {
      this.#pass(node, slot, next, to[slot] as number, step, false);
    }
    if (((this.#covered[word] as number) & bit) !== 0) {
      this.#pass(node, slot, next, this.#state, 0, false);
    }
    return true;
  }

  #setWords(words: number): void {
    this.#words = words;
    if (this.#done.length < words) {
      this.#done = new Int32Array(words);
      this.#covered = new Int32Array(words);
    }
    this.clearNodes();
  }

  /** Takes the node's configuration, and does in it what is done at once. */
  #load(node: number): void {
    const base = node * this.nodes.stride;
    const nodes = this.nodes.data;
    const words = this.#words;
    const { readsOf, refused, refusedOf, writesOf } = this.pending;
    this.#state = nodes[base + STATE] as number;
    this.#used = nodes[base + USED] as number;
    const place = this.#state * words;
    for (let word = 0; word < words; word++) {
      const fits =
        (readsOf[place + word] as number) |
        ((refused[word] as number) & ~(refusedOf[place + word] as number));
      const done = (nodes[base + SETS + word] as number) | fits;
      const covered =
        ((nodes[base + SETS + words + word] as number) | (writesOf[place + word] as number)) &
        ~done;
      this.#done[word] = done;
      this.#covered[word] = covered;
      nodes[base + SETS + word] = done;
      nodes[base + SETS + words + word] = covered;
    }
  }

  /** Adds the node to those of its moment; false when one of them dominates it. Takes out those it dominates. */
  #visit(node: number): boolean {
    const stride = this.nodes.stride;
    const nodes = this.nodes.data;
    const base = node * stride;
    const position = nodes[base + POSITION] as number;
    let hash = Math.imul(position, 0x9e3779b1) ^ Math.imul(this.#state + 1, 0x85ebca6b);
    const { compares } = this.pending;
    for (let word = 0; word < this.#words; word++) {
      hash = Math.imul(
        hash ^ ((this.#done[word] as number) & (compares[word] as number)),
        0xc2b2ae35,
      );
      hash ^= hash >>> 15;
    }
    nodes[base + HASH] = hash;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const head = ((this.#slots[slot] as number) - 1) * stride;
      if (nodes[head + HASH] === hash && this.#isSameGroup(head, position)) {
        return this.#joinGroup(node, slot);
      }
    }
    nodes[base + LINK] = NO_NODE;
    this.#slots[slot] = node + 1;
    this.#chains++;
    if (this.#chains * 2 > this.#slots.length) this.#growSlots();
    return true;
  }

  #isSameGroup(head: number, position: number): boolean {
    const nodes = this.nodes.data;
    if (nodes[head + POSITION] !== position || nodes[head + STATE] !== this.#state) return false;
    const { compares } = this.pending;
    for (let word = 0; word < this.#words; word++) {
      const differs = (nodes[head + SETS + word] as number) ^ (this.#done[word] as number);
      if ((differs & (compares[word] as number)) !== 0) return false;
    }
    return true;
  }

  #joinGroup(node: number, slot: number): boolean {
    const stride = this.nodes.stride;
    const nodes = this.nodes.data;
    const head = (this.#slots[slot] as number) - 1;
    for (let other = head; other !== NO_NODE; other = nodes[other * stride + LINK] as number) {
      if (this.#dominates(other * stride, node * stride)) return false;
    }
    let last = node * stride;
    for (let other = head; other !== NO_NODE;) {
      const following = nodes[other * stride + LINK] as number;
      if (!this.#dominates(node * stride, other * stride)) {
        nodes[last + LINK] = other;
        last = other * stride;
      }
      other = following;
    }
    nodes[last + LINK] = NO_NODE;
    this.#slots[slot] = node + 1;
    return true;
  }

  /** Of two nodes of one group, by their places. */
  #dominates(first: number, second: number): boolean {
    const nodes = this.nodes.data;
    const words = this.#words;
    const { observers, writes } = this.pending;
    for (let word = 0; word < words; word++) {
      const done = nodes[first + SETS + word] as number;
      const otherDone = nodes[second + SETS + word] as number;
      if ((otherDone & ~done & (observers[word] as number)) !== 0) return false;
      const covered = nodes[first + SETS + words + word] as number;
      const otherCovered = nodes[second + SETS + words + word] as number;
      const differs = (done ^ otherDone) | (covered ^ otherCovered);
      if ((differs & (writes[word] as number) & ~covered) !== 0) return false;
    }
    return this.counts.lessOrEqual(nodes[first + USED] as number, nodes[second + USED] as number);
  }

  #growSlots(): void {
    const old = this.#slots;
    const slots = new Int32Array(old.length * 2);
    const mask = slots.length - 1;
    for (const head of old) {
      if (head === 0) continue;
      let slot = (this.nodes.data[(head - 1) * this.nodes.stride + HASH] as number) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = head;
    }
    this.#slots = slots;
  }

  /** Whether one of these bit sets of a value has an operation that is not done. */
  #isLeft(sets: Int32Array, value: number): boolean {
    return hasLeft(sets, value * this.#words, this.#done, this.#words);
  }

  #isDemanded(value: number, marked: boolean): boolean {
    if (marked) return this.#demands.has(value);
    const { readsOf, comparesOf } = this.pending;
    return this.#isLeft(readsOf, value) || this.#isLeft(comparesOf, value);
  }

  #useOpen(node: number, change: boolean): void {
    const { pending } = this;
    if (change) {
      for (let which = 0; which < pending.classCount; which++) this.#useClass(node, which);
      return;
    }
    for (const value of this.#demands.values) {
      const write = pending.writeClass[value] as number;
      if (write >= 0) this.#useClass(node, write);
      let which = pending.casClass[value] as number;
      for (; which >= 0; which = pending.nextCasClass[which] as number) this.#useClass(node, which);
    }
  }

  /** Uses an open operation, whose value is asked for. */
  #useClass(node: number, which: number): void {
    const { pending } = this;
    if (!this.#demands.hasOpen(this.#used, which)) return;
    const to = pending.classTo[which] as number;
    const isWrite = pending.classKind[which] === WRITE;
    if (to === this.#state) {
      // The same value again: a write of it helps only to cover others, for someone who waits for it.
      if (!isWrite || !this.#isDemanded(to, true) || !this.#hasUncovered(NO_NODE)) return;
    } else if (!isWrite && pending.classFrom[which] !== this.#state) return;
    const used = this.counts.increment(this.#used, which);
    const position = this.nodes.positionOf(node);
    const child = this.#newNode(position, to, used, node, -(which + 1));
    this.#writeSets(child, NO_NODE, isWrite);
  }

  #useWrites(node: number, slot: number, change: boolean, marked: boolean): void {
    const { writes, to, operation } = this.pending;
    for (let word = 0; word < this.#words; word++) {
      let left = (writes[word] as number) & ~(this.#done[word] as number);
      for (; left !== 0; left &= left - 1) {
        const other = word * 32 + lowestBit(left);
        if (other === slot) continue;
        const value = to[other] as number;
        const wanted =
          value === this.#state
            ? this.#isDemanded(value, marked) && this.#hasUncovered(other)
            : change || this.#isDemanded(value, marked);
        if (!wanted) continue;
        const position = this.nodes.positionOf(node);
        const step = (operation[other] as number) + 1;
        const child = this.#newNode(position, value, this.#used, node, step);
        this.#writeSets(child, other, true);
      }
    }
  }

  #useCompares(node: number, slot: number): void {
    const { comparesOf, to, operation } = this.pending;
    const place = this.#state * this.#words;
    for (let word = 0; word < this.#words; word++) {
      let left = (comparesOf[place + word] as number) & ~(this.#done[word] as number);
      for (; left !== 0; left &= left - 1) {
        const other = word * 32 + lowestBit(left);
        if (other === slot) continue;
        const position = this.nodes.positionOf(node);
        const step = (operation[other] as number) + 1;
        const child = this.#newNode(position, to[other] as number, this.#used, node, step);
        this.#writeSets(child, other, false);
      }
    }
  }

  /** Whether some pending write beside `except` is neither used nor covered. */
  #hasUncovered(except: number): boolean {
    return hasUncovered(this.pending.writes, this.#done, this.#covered, this.#words, except);
  }

  /** The slot's operation ends. @param step what it did last, 0 when nothing. */
  #pass(
    node: number,
    slot: number,
    next: number,
    state: number,
    step: number,
    isWrite: boolean,
  ): void {
    const child = this.#newNode(next, state, this.#used, node, step);
    this.#writeSets(child, step === 0 ? NO_NODE : slot, isWrite);
    const word = slot >> 5;
    const rest = ~(1 << (slot & 31));
    const nodes = this.nodes.data;
    const done = child + SETS + word;
    const covered = done + this.#words;
    nodes[done] = (nodes[done] as number) & rest;
    nodes[covered] = (nodes[covered] as number) & rest;
  }

  /** The bit sets of the configuration at hand after the operation in `slot`, or an open one, was put in order. */
  #writeSets(child: number, slot: number, isWrite: boolean): void {
    const nodes = this.nodes.data;
    const words = this.#words;
    const { writes } = this.pending;
    for (let word = 0; word < words; word++) {
      let done = this.#done[word] as number;
      if (slot >= 0 && slot >> 5 === word) done |= 1 << (slot & 31);
      nodes[child + SETS + word] = done;
      nodes[child + SETS + words + word] =
        (isWrite ? (writes[word] as number) : (this.#covered[word] as number)) & ~done;
    }
  }

  /** @returns the place of the new node, which is on the stack. Its bit sets are the caller's to write. */
  #newNode(position: number, state: number, used: number, parent: number, step: number): number {
    return this.#push(this.nodes.add(position, state, used, parent, step));
  }

  #push(node: number): number {
    if (this.depth === this.stack.length) this.stack = wider(this.stack, this.depth * 2);
    this.stack[this.depth++] = node;
    return node * this.nodes.stride;
  }
}
