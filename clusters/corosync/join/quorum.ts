/** Whether the node's ring is quorate, as its corosync's vote quorum says (quorum_getquorate(3), votequorum(5)). */
import { type Call, foreign, OK } from './foreign.ts';

export class Quorum {
  readonly #initialize: Call;
  readonly #getQuorate: Call;
  #handle: bigint | null = null;

  constructor() {
    const koffi = foreign();
    const library = koffi.load('libquorum.so.5');
    koffi.struct('quorum_callbacks_t', { notify: 'void *' });
    this.#initialize = library.func(
      'int quorum_initialize(_Out_ uint64_t *, quorum_callbacks_t *, _Out_ uint32_t *)',
    );
    this.#getQuorate = library.func('int quorum_getquorate(uint64_t, _Out_ int *)');
  }

  /** False also while corosync is not there yet. */
  isQuorate(): boolean {
    if (this.#handle === null) {
      const handle = [0n];
      if (this.#initialize(handle, { notify: null }, [0]) !== OK) return false;
      this.#handle = handle[0] ?? null;
    }
    const quorate = [0];
    return this.#getQuorate(this.#handle, quorate) === OK && quorate[0] === 1;
  }
}
