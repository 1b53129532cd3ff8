/**
 * Histories of transactions as a database would leave them, without a database: `serializable` executes each transaction
 * at the moment of its completion; `snapshot-isolation` reads from the state at its beginning, and of two overlapping
 * writers of a key the second to end fails.
 */
import type { Operation, Value } from '../harness/operation.ts';
import type { Draws } from '../harness/random.ts';

export type Isolation = 'serializable' | 'snapshot-isolation';
export type Workload = 'list-append' | 'rw-register';

const ACTIVE_KEYS = 10;
/** A key is replaced by a new one after so many writes. */
const WRITES_PER_KEY = 32;
const MOST_MICRO_OPERATIONS = 4;

type MicroOperation = [string, number, Value];

/** A key's writes in order, each with the moment of its commit. */
interface Versions {
  readonly values: number[];
  readonly moments: number[];
}

interface Client {
  readonly process: number;
  request: MicroOperation[] | null;
  began: number;
}

export class SimulatedDatabase {
  readonly #workload: Workload;
  readonly #isolation: Isolation;
  readonly #draws: Draws;
  readonly #clients: Client[];
  readonly #keys = new Map<number, Versions>();
  readonly #active: number[] = [];
  /** By key: writes asked for, which number the values. */
  readonly #asked = new Map<number, number>();
  #moment = 0;
  #index = 0;
  #nextKey = 0;

  constructor(workload: Workload, isolation: Isolation, concurrency: number, draws: Draws) {
    this.#workload = workload;
    this.#isolation = isolation;
    this.#draws = draws;
    this.#clients = Array.from({ length: concurrency }, (_, process) => ({
      process,
      request: null,
      began: 0,
    }));
    while (this.#active.length < ACTIVE_KEYS) this.#active.push(this.#nextKey++);
  }

  /** The next line of the history: some client begins a transaction or ends its own. */
  next(): Operation {
    const client = this.#draws.pick(this.#clients);
    if (client.request === null) {
      client.request = this.#ask();
      client.began = this.#moment;
      return this.#operation(client, 'invoke', client.request);
    }
    const { request } = client;
    client.request = null;
    if (this.#isolation === 'snapshot-isolation' && this.#conflicts(request, client.began)) {
      return this.#operation(client, 'fail', request);
    }
    const snapshot = this.#isolation === 'serializable' ? this.#moment : client.began;
    return this.#operation(client, 'ok', this.#execute(request, snapshot));
  }

  #operation(client: Client, type: Operation['type'], value: MicroOperation[]): Operation {
    const index = this.#index++;
    return { index, time: index, process: client.process, type, f: 'txn', value, node: 'n1' };
  }

  #ask(): MicroOperation[] {
    const size = 1 + this.#draws.below(MOST_MICRO_OPERATIONS);
    return Array.from({ length: size }, (): MicroOperation => {
      const place = this.#draws.below(ACTIVE_KEYS);
      const key = this.#active[place] ?? 0;
      if (this.#draws.next() < 0.5) return ['r', key, null];
      const value = (this.#asked.get(key) ?? 0) + 1;
      this.#asked.set(key, value);
      if (value === WRITES_PER_KEY) this.#active[place] = this.#nextKey++;
      return [this.#workload === 'list-append' ? 'append' : 'w', key, value];
    });
  }

  #versionsOf(key: number): Versions {
    let versions = this.#keys.get(key);
    if (versions === undefined) this.#keys.set(key, (versions = { values: [], moments: [] }));
    return versions;
  }

  #conflicts(request: readonly MicroOperation[], began: number): boolean {
    return request.some(
      ([f, key]) => f !== 'r' && (this.#versionsOf(key).moments.at(-1) ?? -1) > began,
    );
  }

  #execute(request: readonly MicroOperation[], snapshot: number): MicroOperation[] {
    const moment = ++this.#moment;
    return request.map(([f, key, value]): MicroOperation => {
      const { values, moments } = this.#versionsOf(key);
      if (f !== 'r') {
        values.push(value as number);
        moments.push(moment);
        return [f, key, value];
      }
      let size = values.length;
      // Its own writes it sees, others' only up to the snapshot.
      while (size > 0) {
        const written = moments[size - 1] ?? 0;
        if (written <= snapshot || written === moment) break;
        size--;
      }
      if (this.#workload === 'list-append') return [f, key, values.slice(0, size)];
      return [f, key, size === 0 ? null : (values[size - 1] ?? null)];
    });
  }
}
