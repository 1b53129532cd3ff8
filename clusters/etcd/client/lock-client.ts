/**
 * A counter that is changed under etcd's lock: `acquire {pausedMs}`, answered with the count as it then is,
 * after a pause of the holder; `increment`, which writes one more than that; `release`; and `read`. The lease is not kept
 * alive.
 */
import { DefiniteError, type Client } from '../../../harness/client.ts';
import { realClock } from '../../../harness/clock.ts';
import { MILLISECOND } from '../../../harness/operation.ts';
import type { Invocation, NodeName, Value } from '../../../harness/operation.ts';
import type { Cluster } from '../../../harness/testbed.ts';
import { Gateway } from './gateway.ts';
import { putIf, readKey } from './key-value.ts';
import { acquireLock, grantLease, releaseLock, stillHeld } from './locks.ts';
import { isRecord } from './operation-values.ts';

const LOCK = 'counter';
const COUNTER = 'c/counter';
/** The shortest that etcd grants with its election timeout of 1 s. */
export const LEASE_SECONDS = 2;

/**
 * - `lock-key`: an increment compares the key of the lock, and is refused when the lock is another's by then.
 * - `nothing`: whoever believes to hold the lock writes.
 */
export type Fencing = 'lock-key' | 'nothing';

/** What the client got with the lock. */
interface Held {
  readonly key: string;
  readonly count: number;
}

export class LockClient implements Client {
  readonly #cluster: Cluster;
  readonly #fencing: Fencing;
  #gateway: Gateway | null = null;
  #signal = new AbortController().signal;
  #held: Held | null = null;

  constructor(cluster: Cluster, fencing: Fencing) {
    this.#cluster = cluster;
    this.#fencing = fencing;
  }

  async open(node: NodeName, signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    this.#gateway = new Gateway(this.#cluster.node(node).address, signal);
    await this.#gateway.version();
  }

  invoke({ f, value }: Invocation): Promise<Value> {
    if (this.#gateway === null) throw new TypeError('invoke before open');
    switch (f) {
      case 'acquire':
        return this.#acquire(this.#gateway, pauseIn(value));
      case 'increment':
        return this.#increment(this.#gateway);
      case 'release':
        return this.#release(this.#gateway);
      case 'read':
        return readCount(this.#gateway);
      default:
        throw new TypeError(`the lock client does not know "${f}"`);
    }
  }

  async close(): Promise<void> {
    this.#gateway?.close();
  }

  async #acquire(gateway: Gateway, pausedMs: number): Promise<Value> {
    const key = await acquireLock(gateway, LOCK, await grantLease(gateway, LEASE_SECONDS));
    this.#held = { key, count: await readCount(gateway) };
    await realClock().sleep(pausedMs * MILLISECOND, this.#signal);
    return this.#held.count;
  }

  async #increment(gateway: Gateway): Promise<Value> {
    const { key, count } = this.#holding();
    const guards = this.#fencing === 'nothing' ? [] : [stillHeld(key)];
    const { succeeded } = await putIf(gateway, guards, COUNTER, String(count + 1));
    if (!succeeded) {
      throw new DefiniteError('rejected', 'the lock is no longer held', { code: 'FENCED' });
    }
    this.#held = { key, count: count + 1 };
    return null;
  }

  async #release(gateway: Gateway): Promise<Value> {
    const { key } = this.#holding();
    await releaseLock(gateway, key);
    this.#held = null;
    return null;
  }

  /** Nothing is sent without a lock. */
  #holding(): Held {
    if (this.#held !== null) return this.#held;
    throw new DefiniteError('refused', 'the lock was not acquired', { code: 'NOLOCK' });
  }
}

function pauseIn(value: Value): number {
  const { pausedMs = null } = isRecord(value) ? value : {};
  if (typeof pausedMs === 'number') return pausedMs;
  throw new TypeError(`acquire: expected {pausedMs}, got ${JSON.stringify(value)}`);
}

async function readCount(gateway: Gateway): Promise<number> {
  const { entry } = await readKey(gateway, COUNTER);
  return Number(entry?.value ?? 0);
}
