/** The end of the main phase, as something to wait for. */

/** Begins once, tells everyone once. */
export class Ending {
  begun = false;
  readonly #listeners = new Set<() => void>();

  /** Calls back when the end begins; at once when it has. */
  onBegin(listener: () => void): Disposable {
    if (this.begun) listener();
    else this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  begin(): void {
    if (this.begun) return;
    this.begun = true;
    for (const listener of [...this.#listeners]) listener();
    this.#listeners.clear();
  }
}
