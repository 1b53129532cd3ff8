/**
 * File watches of one node that its supervisor keeps; taken up again by each new supervisor.
 */
import type { Supervisor } from './supervisor.ts';
import { unlessGone } from './supervisor.ts';

interface Watch {
  readonly directory: string;
  readonly changed: (name: string) => void;
  /** Its number with the supervisor of now. */
  id: number;
}

export class NodeWatches {
  readonly #watches = new Set<Watch>();
  readonly #supervisor: () => Supervisor | null;

  /** @param supervisor the one of now, null while the node is down */
  constructor(supervisor: () => Supervisor | null) {
    this.#supervisor = supervisor;
  }

  add(directory: string, changed: (name: string) => void): Disposable {
    const watch: Watch = { directory, changed, id: 0 };
    this.#watches.add(watch);
    const supervisor = this.#supervisor();
    // A watch that is lost with its node is taken up by the next supervisor.
    if (supervisor !== null) void unlessGone(begin(supervisor, watch));
    return {
      [Symbol.dispose]: () => {
        this.#watches.delete(watch);
        const now = this.#supervisor();
        // Gone with the node it was in.
        if (now !== null) void unlessGone(now.request('unwatch', String(watch.id)));
      },
    };
  }

  async renew(supervisor: Supervisor): Promise<void> {
    await Promise.all([...this.#watches].map((watch) => begin(supervisor, watch)));
  }

  /** A supervisor's notice. */
  tell(id: number, name: string): void {
    for (const watch of this.#watches) if (watch.id === id) watch.changed(name);
  }
}

function begin(supervisor: Supervisor, watch: Watch): Promise<unknown> {
  const { id, reply } = supervisor.begin('watch', watch.directory);
  watch.id = id;
  return reply;
}
