/**
 * Texts of one key as numbers, for the engines. What no get can tell apart is one state: a text that is not the
 * beginning of any text that was read is *lost*, and stays so whatever is appended, until the next put. That loses no
 * answer: a get fits a text only when both are equal, and a text's extensions are read only if the text is the beginning
 * of what was read.
 *
 * The texts that were read, without those that are beginnings of others, are the leaves; a state is a place in a leaf.
 */
import { IMPOSSIBLE } from '../model-problem.ts';
import type { Partition, StateMachine } from '../model-problem.ts';
import { pairOf, plainText, textIn } from './values.ts';

const MOST_LEAVES = 64;
const MOST_STATES = 1 << 30;

const GET = 0;
const PUT = 1;
const APPEND = 2;

export class KvMachine implements StateMachine {
  readonly initial: number;
  readonly reads: Uint8Array;
  readonly classes: Int32Array;
  readonly distinct = true;
  readonly #leaves: string[] = [];
  /** The longest beginning that a leaf has in common with one before it, and with any other. */
  readonly #sharedBefore: number[] = [];
  readonly #shared: number[] = [];
  readonly #bits: number;
  readonly #lost: number;
  readonly #kinds: Uint8Array;
  /** What is read or put, as a state. */
  readonly #targets: Int32Array;
  readonly #appended: string[] = [];

  private constructor(
    partition: Partition,
    initial: string,
    state: string,
    leaves: string[],
    longest: number,
  ) {
    const size = partition.operations.length;
    this.#leaves = leaves;
    this.#bits = 32 - Math.clz32(longest);
    this.#lost = leaves.length << this.#bits;
    this.#kinds = new Uint8Array(size);
    this.#targets = new Int32Array(size);
    this.reads = new Uint8Array(size);
    this.classes = new Int32Array(size);
    this.#compareLeaves();
    this.initial = this.#find(state);
    this.#compile(partition, initial);
  }

  /**
   * @param initial what an absent key holds. @param state what it holds at the beginning.
   * @returns null where it does not apply: other operations than get, put, append and delete, or too many texts.
   */
  static of(partition: Partition, initial: string, state: string): KvMachine | null {
    const leaves: string[] = [''];
    let last = 0;
    let longest = 0;
    for (const { f, output } of partition.operations) {
      if (f !== 'get') {
        if (f === 'put' || f === 'append' || f === 'delete') continue;
        return null;
      }
      if (output === undefined) continue;
      const text = textIn(output, initial);
      if (text.length > longest) longest = text.length;
      const place = placeIn(leaves, text, last);
      if (place === NEW) {
        if (leaves.length === MOST_LEAVES) return null;
        last = leaves.push(text) - 1;
      } else {
        last = place;
        if (text.length > (leaves[place] as string).length) leaves[place] = text;
      }
    }
    const bits = 32 - Math.clz32(longest);
    if ((leaves.length + 1) * 2 ** bits > MOST_STATES) return null;
    return new KvMachine(partition, initial, state, leaves, longest);
  }

  step(state: number, operation: number): number {
    const kind = this.#kinds[operation] as number;
    const target = this.#targets[operation] as number;
    if (kind === GET) return target === state ? state : IMPOSSIBLE;
    if (kind === PUT) return target;
    if (state === this.#lost) return state;
    const leaf = state >>> this.#bits;
    const from = state - (leaf << this.#bits);
    const text = this.#appended[operation] as string;
    if ((this.#leaves[leaf] as string).startsWith(text, from)) {
      return this.#canonical(leaf, from + text.length);
    }
    return from > (this.#shared[leaf] as number) ? this.#lost : this.#elsewhere(leaf, from, text);
  }

  /** The text is at this place of another leaf, perhaps, one that begins as `leaf` does. */
  #elsewhere(leaf: number, from: number, text: string): number {
    const beginning = (this.#leaves[leaf] as string).slice(0, from) + text;
    return this.#find(beginning);
  }

  #find(text: string): number {
    for (let leaf = 0; leaf < this.#leaves.length; leaf++) {
      if ((this.#leaves[leaf] as string).startsWith(text))
        return (leaf << this.#bits) + text.length;
    }
    return this.#lost;
  }

  /** The first leaf that has this beginning. */
  #canonical(leaf: number, length: number): number {
    if (length > (this.#sharedBefore[leaf] as number)) return (leaf << this.#bits) + length;
    return this.#find((this.#leaves[leaf] as string).slice(0, length));
  }

  #compareLeaves(): void {
    const leaves = this.#leaves;
    for (let i = 0; i < leaves.length; i++) {
      this.#sharedBefore.push(0);
      this.#shared.push(0);
      for (let j = 0; j < i; j++) {
        const common = commonLength(leaves[i] as string, leaves[j] as string);
        if (common > (this.#sharedBefore[i] as number)) this.#sharedBefore[i] = common;
        if (common > (this.#shared[i] as number)) this.#shared[i] = common;
        if (common > (this.#shared[j] as number)) this.#shared[j] = common;
      }
    }
  }

  #compile({ operations }: Partition, initial: string): void {
    for (let i = 0; i < operations.length; i++) {
      const operation = operations[i];
      if (operation === undefined) continue;
      const { f, input, output } = operation;
      this.#appended.push('');
      this.classes[i] = i;
      if (f === 'get') {
        this.reads[i] = 1;
        if (output !== undefined) this.#targets[i] = this.#find(textIn(output, initial));
      } else if (f === 'append') {
        this.#kinds[i] = APPEND;
        this.#appended[i] = plainText(pairOf(input)[1], '');
      } else {
        this.#kinds[i] = PUT;
        const text = f === 'put' ? plainText(pairOf(input)[1], initial) : initial;
        this.#targets[i] = this.#find(text);
      }
    }
  }
}

const NEW = -1;

/** The leaf that begins with the text, or that the text begins with. */
function placeIn(leaves: readonly string[], text: string, last: number): number {
  if (fits(leaves[last] as string, text)) return last;
  for (let leaf = 0; leaf < leaves.length; leaf++) {
    if (fits(leaves[leaf] as string, text)) return leaf;
  }
  return NEW;
}

function fits(leaf: string, text: string): boolean {
  return leaf.length >= text.length ? beginsWith(leaf, text) : beginsWith(text, leaf);
}

/** Texts longer than this are compared sooner whole than letter by letter. */
const LONG_TEXT = 48;

function beginsWith(text: string, beginning: string): boolean {
  const { length } = beginning;
  return length < LONG_TEXT ? text.startsWith(beginning) : text.slice(0, length) === beginning;
}

function commonLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}
