/** Configurations of a search on demand as rows of one typed array, and how they come from each other. */
import { wider } from './register-builder.ts';

export const NO_NODE = -1;
/** Fields of a node before its bit sets. */
export const LINK = 0;
export const HASH = 1;
export const POSITION = 2;
export const STATE = 3;
export const USED = 4;
const PARENT = 5;
const STEP = 6;
/** Words of what is done, then words of what is covered. */
export const SETS = 7;

/** 2^26 words are 256 MB. */
const MOST_WORDS = 1 << 26;

export class ConfigurationNodes {
  data = new Int32Array(64 * (SETS + 2));
  /** Fields a node has. */
  stride = SETS + 2;
  #count = 0;

  /** Forgets all nodes. @param words of each bit set. */
  clear(words: number): void {
    this.stride = SETS + 2 * words;
    this.#count = 0;
  }

  /** True when there is no room for more. */
  get full(): boolean {
    return this.#count * this.stride > MOST_WORDS;
  }

  positionOf(node: number): number {
    return this.data[node * this.stride + POSITION] as number;
  }

  parentOf(node: number): number {
    return this.data[node * this.stride + PARENT] as number;
  }

  /** What was put in order to come here: operation + 1, or -(class + 1) of an open one, or 0 for nothing. */
  stepOf(node: number): number {
    return this.data[node * this.stride + STEP] as number;
  }

  /** A new node; its bit sets are the caller's to write. @returns its number. */
  add(position: number, state: number, used: number, parent: number, step: number): number {
    const node = this.#count++;
    const base = node * this.stride;
    if (base + this.stride > this.data.length) {
      this.data = wider(this.data, (base + this.stride) * 2);
    }
    const { data } = this;
    data[base + POSITION] = position;
    data[base + STATE] = state;
    data[base + USED] = used;
    data[base + PARENT] = parent;
    data[base + STEP] = step;
    return node;
  }

  /** Words that `copy` writes and `paste` reads. */
  get width(): number {
    return 2 + this.stride - SETS;
  }

  /** Writes a node's configuration: state, open operations used, bits of what is done, of what is covered. */
  copy(node: number, into: Int32Array, at: number): void {
    const base = node * this.stride;
    into[at] = this.data[base + STATE] as number;
    into[at + 1] = this.data[base + USED] as number;
    into.set(this.data.subarray(base + SETS, base + this.stride), at + 2);
  }

  /** Adds a node with a configuration that was copied. */
  paste(position: number, from: Int32Array, at: number): number {
    const node = this.add(position, from[at] as number, from[at + 1] as number, NO_NODE, 0);
    this.data.set(from.subarray(at + 2, at + this.width), node * this.stride + SETS);
    return node;
  }
}
