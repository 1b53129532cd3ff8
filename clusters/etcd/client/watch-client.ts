/**
 * Writers and watchers of keys with one prefix: `put [key, value]` and `delete [key, null]`, answered with their revision;
 * `compact`, at the revision of the last delete that was answered, which it is answered with;
 * `watch {stream}`, answered with what the stream was told since its last watch, on this client or one before it. With
 * `forMs` and `enough` it is listened to for so long, or until so many changes were told. With `from: 'compaction'` it
 * begins with the revision that was compacted last, which may be watched from, and is no continuation of any other.
 */
import type { Client } from '../../../harness/client.ts';
import { realClock } from '../../../harness/clock.ts';
import {
  MILLISECOND,
  type Invocation,
  type Nanoseconds,
  type NodeName,
  type Value,
} from '../../../harness/operation.ts';
import type { Cluster } from '../../../harness/testbed.ts';
import { Gateway } from './gateway.ts';
import { compact, deleteKey, putKey } from './key-value.ts';
import { isRecord, keyedPair } from './operation-values.ts';
import { listen } from './watch-stream.ts';

const PREFIX = 'w/';
/** How long one watch is listened to. */
const LISTENING = 400 * MILLISECOND;
/** A store begins with revision 1. */
const FIRST_REVISION = 1;

/**
 * - `position`: the watch begins with the revision after the last one that the stream told.
 * - `now`: it begins with what comes next, and is taken for the stream's continuation. Deliberately weak.
 */
export type Resuming = 'position' | 'now';

/** What the clients of one run remember, whichever of them was told. */
interface Told {
  /** By stream: the last revision that it told. */
  readonly positions: Map<string, number>;
  /** Of the last delete; null: none yet. */
  deleted: number | null;
  /** The last revision that was compacted; null: none yet. */
  compacted: number | null;
}

const TOLD = new WeakMap<Cluster, Told>();

export class WatchClient implements Client {
  readonly #cluster: Cluster;
  readonly #resuming: Resuming;
  readonly #told: Told;
  #address = '';
  #signal = new AbortController().signal;
  #gateway: Gateway | null = null;

  constructor(cluster: Cluster, resuming: Resuming) {
    this.#cluster = cluster;
    this.#resuming = resuming;
    this.#told = TOLD.get(cluster) ?? { positions: new Map(), deleted: null, compacted: null };
    TOLD.set(cluster, this.#told);
  }

  async open(node: NodeName, signal: AbortSignal): Promise<void> {
    this.#address = this.#cluster.node(node).address;
    this.#signal = signal;
    this.#gateway = new Gateway(this.#address, signal);
    await this.#gateway.version();
  }

  invoke({ f, value }: Invocation): Promise<Value> {
    if (this.#gateway === null) throw new TypeError('invoke before open');
    if (f === 'watch') return this.#watch(value);
    if (f === 'put') return put(this.#gateway, value);
    if (f === 'delete') return this.#delete(this.#gateway, value);
    if (f === 'compact') return this.#compact(this.#gateway);
    throw new TypeError(
      `the watch client does not know "${f}"; it knows put, delete, compact, watch`,
    );
  }

  async close(): Promise<void> {
    this.#gateway?.close();
  }

  /** A key that was not there is no change. */
  async #delete(gateway: Gateway, value: Value): Promise<Value> {
    const [key] = keyedPair(value);
    const { revision, deleted } = await deleteKey(gateway, nameOf(key));
    if (!deleted) return { swapped: false };
    this.#told.deleted = revision;
    return { revision };
  }

  /** Before any delete there is nothing worth it. */
  async #compact(gateway: Gateway): Promise<Value> {
    const at = this.#told.deleted;
    if (at === null) return { compacted: null };
    await compact(gateway, at);
    this.#told.compacted = at;
    return { compacted: at };
  }

  async #watch(value: Value): Promise<Value> {
    const stream = streamOf(value);
    const alone = isRecord(value) && value['from'] === 'compaction';
    const { positions, compacted } = this.#told;
    const last = alone ? undefined : positions.get(stream);
    const first = alone ? (compacted ?? FIRST_REVISION) : FIRST_REVISION;
    const position = last === undefined ? first : last + 1;
    const from = this.#resuming === 'now' && last !== undefined ? null : position;
    const watch = { address: this.#address, prefix: PREFIX, from, ...listeningOf(value) };
    const revisions = await listen(watch, realClock(), this.#signal);
    const told = revisions.at(-1)?.revision;
    if (told !== undefined && !alone) positions.set(stream, told);
    const resumed = last === undefined ? {} : { resumedFrom: last };
    return {
      ...{ stream, from, prefix: PREFIX, ...resumed },
      revisions: revisions.map(({ value: text, ...change }) => ({
        ...change,
        value: change.type === 'delete' ? null : (JSON.parse(text) as Value),
      })),
    };
  }
}

async function put(gateway: Gateway, value: Value): Promise<Value> {
  const [key, written] = keyedPair(value);
  return { revision: await putKey(gateway, nameOf(key), JSON.stringify(written)) };
}

function nameOf(key: Value): string {
  if (typeof key === 'string' && key.startsWith(PREFIX)) return key;
  throw new TypeError(`expected a key that begins with ${PREFIX}, got ${JSON.stringify(key)}`);
}

function listeningOf(value: Value): { readonly duration: Nanoseconds; readonly enough?: number } {
  const { forMs = null, enough = null } = isRecord(value) ? value : {};
  return {
    duration: typeof forMs === 'number' ? forMs * MILLISECOND : LISTENING,
    ...(typeof enough === 'number' ? { enough } : {}),
  };
}

function streamOf(value: Value): string {
  const { stream = null } = isRecord(value) ? value : {};
  if (typeof stream === 'string') return stream;
  throw new TypeError(`watch: expected {stream}, got ${JSON.stringify(value)}`);
}
