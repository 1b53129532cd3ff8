/** A simulated node, as faults, clients and observers see it. */
import type { NodeName, Value } from '../../operation.ts';
import type { Liveness, Node } from '../../testbed.ts';
import { type Connection, type ConnectionEnds, askOnce, connect } from './connection.ts';
import type { SimulatedProcess } from './process.ts';

/** A node whose server is a model. */
export interface SimulatedNode extends Node {
  /** A client's connection, closed when `signal` is aborted. See `connect`. */
  connect(signal: AbortSignal): Promise<Connection>;
  /** One request, in one exchange. See `askOnce`. */
  ask(body: Value, signal: AbortSignal): Promise<Value>;
}

/** Type guard: this node's server is a model. */
export function isSimulated(node: Node): node is SimulatedNode {
  return 'ask' in node;
}

/**
 * The simulated node behind this one, for systems that are a model.
 * @throws TypeError when the node is real
 */
export function asSimulated(node: Node): SimulatedNode {
  if (isSimulated(node)) return node;
  throw new TypeError(`node ${node.name} is real; expected one of the simulated testbed`);
}

/** @param ends a new connection's ends, each time. */
export function simulatedNode<Message>(
  process: SimulatedProcess<Message>,
  ends: () => ConnectionEnds<Message>,
): SimulatedNode {
  const name: NodeName = process.options.name;
  const questions = ends();
  return {
    name,
    address: name,
    start: () => done(() => process.start()),
    kill: () => done(() => process.kill()),
    crash: () => done(() => process.crash()),
    pause: () => done(() => process.pause()),
    resume: () => done(() => process.resume()),
    alive: (): Promise<Liveness> => Promise.resolve(process.liveness),
    incarnation: () => (process.incarnation === 0 ? null : `${name}/${process.incarnation}`),
    connect: (signal) => connect(ends(), signal),
    ask: (body, signal) => askOnce(questions, body, signal),
  };
}

/** Acts at once; a bug thrown by the act rejects. */
async function done(act: () => void): Promise<void> {
  act();
}
