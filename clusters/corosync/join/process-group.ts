/**
 * A process's place in a group of corosync's (cpg(3), cpg_overview(3)), by the C library through koffi: what comes is taken in
 * the order in which the library tells it, between two turns of the event loop.
 */
import { type Call, foreign, OK, TRY_AGAIN } from './foreign.ts';
import type { Address, GroupChange, Message } from './protocol.ts';

const LIBRARY = 'libcpg.so.4';

const DISPATCH_ALL = 2;
const AGREED = 2;
/** cpg_model_t, and the flag that has the present ring told at once. */
const MODEL_V1 = 1;
const INITIAL_RING = 1;

/** What the group tells. A ring's nodes are corosync's ids. */
export type GroupNews =
  | { readonly kind: 'ring'; readonly id: string; readonly nodes: readonly number[] }
  | { readonly kind: 'change'; readonly change: GroupChange }
  | { readonly kind: 'message'; readonly message: Message };

interface Library {
  readonly initialize: Call;
  readonly join: Call;
  readonly dispatch: Call;
  readonly multicast: Call;
  readonly addresses: (from: unknown, count: number | bigint) => readonly CpgAddress[];
  readonly bytes: (from: unknown, count: number | bigint) => Uint8Array;
  readonly numbers: (from: unknown, count: number) => readonly number[];
  readonly callbacks: (telling: Callbacks) => unknown;
}

interface CpgAddress {
  readonly nodeid: number;
  readonly pid: number;
}

interface Callbacks {
  readonly deliver: (
    handle: bigint,
    group: unknown,
    nodeid: number,
    pid: number,
    message: unknown,
    length: number | bigint,
  ) => void;
  readonly change: (
    handle: bigint,
    group: unknown,
    members: unknown,
    memberCount: number | bigint,
    left: unknown,
    leftCount: number | bigint,
    joined: unknown,
    joinedCount: number | bigint,
  ) => void;
  readonly ring: (
    handle: bigint,
    representative: number | bigint,
    sequence: number | bigint,
    count: number,
    nodes: unknown,
  ) => void;
}

export class ProcessGroup {
  readonly #library = load();
  readonly #name: string;
  readonly #nodeNames: ReadonlyMap<number, string>;
  readonly #news: GroupNews[] = [];
  /** Not taken by the library yet: while rings form it takes nothing. */
  readonly #outgoing: Message[] = [];
  readonly #callbacks: unknown;
  #handle: bigint | null = null;
  #joining = false;

  /** @param nodeNames by corosync's ids */
  constructor(name: string, nodeNames: ReadonlyMap<number, string>) {
    this.#name = name;
    this.#nodeNames = nodeNames;
    this.#callbacks = this.#library.callbacks({
      deliver: (_handle, _group, _node, _process, message, length) => {
        const text = Buffer.from(this.#library.bytes(message, length)).toString('utf8');
        this.#news.push({ kind: 'message', message: JSON.parse(text) as Message });
      },
      change: (_handle, _group, members, count, left, leftCount, joined, joinedCount) => {
        const change = {
          members: this.#addresses(members, count),
          left: this.#addresses(left, leftCount),
          joined: this.#addresses(joined, joinedCount),
        };
        this.#news.push({ kind: 'change', change });
      },
      ring: (_handle, representative, sequence, count, nodes) => {
        // What is in the register above the id's 32 bits is anything.
        const id = `${BigInt.asUintN(32, BigInt(representative))}.${sequence}`;
        const numbers = [...this.#library.numbers(nodes, count)];
        this.#news.push({ kind: 'ring', id, nodes: numbers });
      },
    });
  }

  /** Connects to the node's corosync. @returns false when it is not there yet */
  connect(): boolean {
    const handle = [0n];
    const code = this.#library.initialize(handle, MODEL_V1, this.#callbacks, null);
    if (code !== OK) return false;
    this.#handle = handle[0] ?? null;
    return this.#handle !== null;
  }

  /** Becomes a member as soon as corosync takes it. */
  join(): void {
    this.#joining = true;
  }

  /** Sent in the order of the calls, as soon as corosync takes it. */
  multicast(message: Message): void {
    this.#outgoing.push(message);
  }

  /**
   * Takes what came, and sends what waits.
   * @throws Error when corosync is gone
   */
  turn(): readonly GroupNews[] {
    if (this.#handle === null) throw new Error('not connected to corosync');
    if (this.#joining)
      this.#joining = !this.#done('join', this.#library.join(this.#handle, cpgName(this.#name)));
    if (!this.#joining) this.#send(this.#handle);
    this.#done('dispatch', this.#library.dispatch(this.#handle, DISPATCH_ALL));
    return this.#news.splice(0);
  }

  #send(handle: bigint): void {
    for (let message = this.#outgoing[0]; message !== undefined; message = this.#outgoing[0]) {
      const bytes = Buffer.from(JSON.stringify(message));
      const vector = { base: bytes, len: bytes.length };
      if (!this.#done('multicast', this.#library.multicast(handle, AGREED, vector, 1))) return;
      this.#outgoing.shift();
    }
  }

  /** @returns false when it must be tried again */
  #done(what: string, code: number): boolean {
    if (code !== OK && code !== TRY_AGAIN) throw new Error(`corosync: ${what} failed with ${code}`);
    return code === OK;
  }

  #addresses(from: unknown, count: number | bigint): Address[] {
    return this.#library.addresses(from, count).map(({ nodeid, pid }) => ({
      node: this.#nodeNames.get(nodeid) ?? `node ${nodeid}`,
      process: pid,
    }));
  }
}

/** struct cpg_name */
function cpgName(name: string): { readonly length: number; readonly value: string } {
  return { length: name.length, value: name.padEnd(128, '\0') };
}

/** Declares what <corosync/cpg.h> does. */
function load(): Library {
  const koffi = foreign();
  const library = koffi.load(LIBRARY);
  koffi.struct('cpg_name', { length: 'uint32_t', value: koffi.array('char', 128) });
  koffi.struct('iovec', { base: 'void *', len: 'size_t' });
  const address = koffi.struct('cpg_address', {
    nodeid: 'uint32_t',
    pid: 'uint32_t',
    reason: 'uint32_t',
  });
  const deliver = koffi.pointer(
    koffi.proto('void Deliver(uint64_t, void *, uint32_t, uint32_t, void *, size_t)'),
  );
  const change = koffi.pointer(
    koffi.proto('void Change(uint64_t, void *, void *, size_t, void *, size_t, void *, size_t)'),
  );
  const ring = koffi.pointer(
    // struct cpg_ring_id, handed over by value, is two registers on x86-64 and on arm64: a node's id and a sequence.
    koffi.proto('void Ring(uint64_t, uint64_t, uint64_t, uint32_t, void *)'),
  );
  koffi.struct('cpg_model_v1_data_t', {
    model: 'uint32_t',
    deliver,
    change,
    ring,
    flags: 'uint32_t',
  });
  const list = (from: unknown, type: unknown, count: number | bigint): unknown =>
    Number(count) === 0 ? [] : koffi.decode(from, koffi.array(type, Number(count)));
  return {
    initialize: library.func(
      'int cpg_model_initialize(_Out_ uint64_t *, uint32_t, cpg_model_v1_data_t *, void *)',
    ),
    join: library.func('int cpg_join(uint64_t, cpg_name *)'),
    dispatch: library.func('int cpg_dispatch(uint64_t, int)'),
    multicast: library.func('int cpg_mcast_joined(uint64_t, int, iovec *, uint32_t)'),
    addresses: (from, count) => list(from, address, count) as readonly CpgAddress[],
    bytes: (from, count) => list(from, 'uint8_t', count) as Uint8Array,
    numbers: (from, count) => list(from, 'uint32_t', count) as readonly number[],
    callbacks: (telling) => ({
      model: MODEL_V1,
      deliver: koffi.register(telling.deliver, deliver),
      change: koffi.register(telling.change, change),
      ring: koffi.register(telling.ring, ring),
      flags: INITIAL_RING,
    }),
  };
}
