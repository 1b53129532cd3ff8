/**
 * A first guess at a serial order: transactions are executed one by one, such that each finds what it read, and none
 * overwrites what others are still to read. Where that is not possible one is executed nevertheless: the guess always
 * respects the known edges, and only them.
 */
import type { LabelledGraph } from '../transactions/graph.ts';
import { PriorityHeap } from './priority-heap.ts';
import type { ReadSources } from './read-sources.ts';

/** @param known a graph without cycles whose first vertices are the transactions. */
export function greedyOrder(sources: ReadSources, known: LabelledGraph): Int32Array {
  return new SerialExecution(sources, known).run();
}

class SerialExecution {
  readonly #sources: ReadSources;
  readonly #known: LabelledGraph;
  readonly #order: Int32Array;
  #executed = 0;
  readonly #isExecuted: Uint8Array;
  readonly #before: Int32Array;
  readonly #ready: PriorityHeap;
  readonly #stuck: PriorityHeap;
  /** By key: who wrote it last. */
  readonly #writer: Int32Array;
  /** By read source, one a key and writer: how many are still to read it. */
  readonly #pending = new Map<number, number>();
  /** By key: who waits for it to change. */
  readonly #waiting: (number[] | undefined)[] = [];

  constructor(sources: ReadSources, known: LabelledGraph) {
    const { columns, initial } = sources;
    const priority = prioritiesOf(sources, known.vertices);
    this.#sources = sources;
    this.#known = known;
    this.#order = new Int32Array(known.vertices);
    this.#isExecuted = new Uint8Array(known.vertices);
    this.#before = new Int32Array(known.vertices);
    this.#ready = new PriorityHeap(priority);
    this.#stuck = new PriorityHeap(priority);
    this.#writer = new Int32Array(columns.versions.keys.size).fill(initial);
    for (const vertex of known.to) this.#before[vertex] = (this.#before[vertex] as number) + 1;
    const { readKey, readFrom } = sources;
    for (let read = 0; read < readKey.length; read++) {
      const id = this.#sourceId(readKey[read] as number, readFrom[read] as number);
      this.#pending.set(id, (this.#pending.get(id) ?? 0) + 1);
    }
  }

  run(): Int32Array {
    const { vertices } = this.#known;
    for (let vertex = 0; vertex < vertices; vertex++) {
      if (this.#before[vertex] === 0) this.#ready.push(vertex);
    }
    while (this.#executed < vertices) {
      const next = this.#ready.pop();
      if (next !== undefined) this.#consider(next);
      else {
        const forced = this.#stuck.pop();
        if (forced === undefined) throw new Error('the known edges make a cycle');
        if (this.#isExecuted[forced] === 0) this.#execute(forced);
      }
    }
    return this.#order;
  }

  #sourceId(key: number, writer: number): number {
    return key * (this.#sources.initial + 1) + writer;
  }

  #consider(vertex: number): void {
    if (this.#isExecuted[vertex] === 1) return;
    const key = vertex < this.#sources.initial ? this.#obstacle(vertex) : -1;
    if (key < 0) {
      this.#execute(vertex);
      return;
    }
    (this.#waiting[key] ??= []).push(vertex);
    this.#stuck.push(vertex);
  }

  /** A key that holds another value than this one read, or that others are still to read; -1 when there is none. */
  #obstacle(t: number): number {
    const { firstRead, readKey, readFrom, firstWrite, writeKey } = this.#sources;
    for (let read = firstRead[t] as number; read < (firstRead[t + 1] as number); read++) {
      const key = readKey[read] as number;
      if (this.#writer[key] !== readFrom[read]) return key;
    }
    for (let write = firstWrite[t] as number; write < (firstWrite[t + 1] as number); write++) {
      const key = writeKey[write] as number;
      let own = 0;
      for (let read = firstRead[t] as number; read < (firstRead[t + 1] as number); read++) {
        if (readKey[read] === key) own++;
      }
      const id = this.#sourceId(key, this.#writer[key] as number);
      if ((this.#pending.get(id) ?? 0) > own) return key;
    }
    return -1;
  }

  #execute(vertex: number): void {
    this.#isExecuted[vertex] = 1;
    this.#order[this.#executed++] = vertex;
    if (vertex < this.#sources.initial) this.#apply(vertex);
    const { first, to } = this.#known;
    for (let edge = first[vertex] as number; edge < (first[vertex + 1] as number); edge++) {
      const next = to[edge] as number;
      const left = (this.#before[next] as number) - 1;
      this.#before[next] = left;
      if (left === 0) this.#ready.push(next);
    }
  }

  #apply(t: number): void {
    const { firstRead, readKey, readFrom, firstWrite, writeKey } = this.#sources;
    for (let read = firstRead[t] as number; read < (firstRead[t + 1] as number); read++) {
      const key = readKey[read] as number;
      const id = this.#sourceId(key, readFrom[read] as number);
      const left = (this.#pending.get(id) ?? 0) - 1;
      this.#pending.set(id, left);
      if (left <= 1) this.#release(key);
    }
    for (let write = firstWrite[t] as number; write < (firstWrite[t + 1] as number); write++) {
      const key = writeKey[write] as number;
      this.#writer[key] = t;
      this.#release(key);
    }
  }

  #release(key: number): void {
    const waiting = this.#waiting[key];
    if (waiting === undefined) return;
    this.#waiting[key] = undefined;
    for (const vertex of waiting) {
      if (this.#isExecuted[vertex] === 0) this.#ready.push(vertex);
    }
  }
}

/**
 * Who only reads is executed as soon as possible, which never hurts; the others by how far their session has come, as if
 * all sessions had run at an even pace from beginning to end.
 */
function prioritiesOf(sources: ReadSources, vertices: number): Float64Array {
  const { columns, sessionOf, placeOf, firstOf, firstWrite } = sources;
  const priority = new Float64Array(vertices).fill(-2);
  for (let t = 0; t < columns.count; t++) {
    const session = sessionOf[t] as number;
    if (session < 0 || firstWrite[t] === firstWrite[t + 1]) continue;
    const size = (firstOf[session + 1] as number) - (firstOf[session] as number);
    priority[t] = ((placeOf[t] as number) + 1) / (size + 1);
  }
  return priority;
}
