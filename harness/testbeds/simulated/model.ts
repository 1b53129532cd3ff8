/**
 * What a model of a system is: synchronous message handlers, one object a running server process. A model may use
 * nothing but its ModelIo, so that a run is a function of its seed.
 */
import type { Nanoseconds, NodeName, Value } from '../../operation.ts';
import type { Draws } from '../../random.ts';
import type { NodePlan } from '../../testbed.ts';

/** A kind of server, to be run by `simulatedTestbed`. `Message` is what its nodes send each other. */
export interface ModelDefinition<Message> {
  readonly name: string;
  /** A server process that starts, with what its node's storage kept. */
  create(io: ModelIo<Message>): ModelNode<Message>;
}

/**
 * One running server process. Each handler runs to its end before anything else happens; one that throws is a panic:
 * the process dies.
 */
export interface ModelNode<Message> {
  start(): void;
  receive(from: NodeName, message: Message): void;
  /** A client asks; answered with `io.answer(request, …)`, at once, later or never. */
  request(request: number, body: Value): void;
  timer(name: string): void;
  /** The host of a peer closed its connections: its process died. Not told over a link that is cut. */
  closed?(peer: NodeName): void;
}

/** All that a model node can do. Gone with its process: calls of a dead process have no effect. */
export interface ModelIo<Message> {
  readonly name: NodeName;
  /** All nodes of the cluster, this one too, in one order everywhere. */
  readonly nodes: readonly NodeName[];
  /** What the system asked for: the version is in `command`. */
  readonly plan: NodePlan;
  /** Survives kill and crash. What is put must not be changed afterwards. */
  readonly storage: ModelStorage;
  /** Keyed by node and start. */
  readonly random: Draws;
  now(): Nanoseconds;
  /** Sends to a peer; may be lost. What is sent must not be changed afterwards. */
  send(to: NodeName, message: Message): void;
  answer(request: number, body: Value): void;
  /** Calls `timer(name)` once after that time; replaces the timer of that name. */
  setTimer(name: string, afterNanos: Nanoseconds): void;
}

/** A node's disk: what was put is there for good. */
export interface ModelStorage {
  get(key: string): unknown;
  put(key: string, value: unknown): void;
}
