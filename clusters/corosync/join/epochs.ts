/** Epochs: each change of members begins one, and a node writes it down. */
import type { View } from './protocol.ts';

/** The members that an epoch begins with. */
type Members = Pick<View, 'members' | 'master'>;

interface Change extends Members {
  /** The new epoch is higher than this. */
  readonly above: number;
}

/** Counts one node's epochs, in order or behind a worker. */
export class Epochs {
  readonly #inOrder: boolean;
  /** Asks for this epoch to be written down; `written` is called when it is. One at a time. */
  readonly #write: (epoch: number) => void;
  /** Not written down yet; the first is being written. */
  readonly #queue: Change[] = [];
  #epoch: number;
  #cluster = '';
  #view: View | null = null;

  /** @param stored the highest epoch that an earlier process of this node wrote down; 0: none did */
  constructor(inOrder: boolean, stored: number, write: (epoch: number) => void) {
    this.#inOrder = inOrder;
    this.#epoch = stored;
    this.#write = write;
  }

  /** What the node has come to. */
  get current(): number {
    return this.#epoch;
  }

  get cluster(): string {
    return this.#cluster;
  }

  /** Null until the first change counted. */
  get view(): View | null {
    return this.#view;
  }

  /** Takes part in a cluster from here on. */
  enter(cluster: string, epoch: number): void {
    this.#cluster = cluster;
    this.#epoch = Math.max(this.#epoch, epoch);
  }

  /** The members changed. */
  change(members: Members, above: number): void {
    const change = { ...members, above };
    if (this.#inOrder) this.#count(change);
    this.#queue.push(change);
    if (this.#queue.length === 1) this.#writeFirst();
  }

  /** The worker has written down what it was asked to. */
  written(): void {
    const change = this.#queue.shift();
    if (change !== undefined && !this.#inOrder) this.#count(change);
    if (this.#queue.length > 0) this.#writeFirst();
  }

  #count({ above, members, master }: Change): void {
    this.#epoch = Math.max(this.#epoch, above) + 1;
    this.#view = { cluster: this.#cluster, epoch: this.#epoch, members, master };
  }

  #writeFirst(): void {
    this.#write(this.#inOrder ? this.#epoch : this.#epoch + 1);
  }
}
