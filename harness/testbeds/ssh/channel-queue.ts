/**
 * At most so many channels of one connection at a time; who comes later waits its turn. OpenSSH refuses the eleventh
 * (`MaxSessions` 10).
 */
export const MOST_CHANNELS = 8;

export class ChannelQueue {
  readonly #most: number;
  #taken = 0;
  #failure: Error | null = null;
  readonly #waiting: { readonly admit: () => void; readonly refuse: (error: Error) => void }[] = [];

  constructor(most: number = MOST_CHANNELS) {
    this.#most = most;
  }

  /** How many are in use. */
  get taken(): number {
    return this.#taken;
  }

  /** Waits for a place. Whoever has one gives it back with `leave`, once. @throws when the queue is closed */
  async enter(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    if (this.#taken < this.#most) {
      this.#taken++;
      return;
    }
    await new Promise<void>((admit, refuse) => {
      this.#waiting.push({ admit, refuse });
    });
  }

  leave(): void {
    const next = this.#waiting.shift();
    // Its place goes to the next one.
    if (next === undefined) this.#taken--;
    else next.admit();
  }

  /** The connection is gone: nobody who waits will have a channel of it. */
  close(error: Error): void {
    this.#failure = error;
    this.#waiting.splice(0).forEach(({ refuse }) => refuse(error));
  }
}
