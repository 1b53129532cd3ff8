/** Asking a replica, as clients, observers and probes do. */
import type { Value } from '../../harness/operation.ts';
import type { Connection } from '../../harness/testbeds/simulated/connection.ts';
import type { Node } from '../../harness/testbed.ts';
import * as answers from '../models/answers.ts';
import type { Request, Status } from './protocol.ts';

/** One request over an open connection. @throws DefiniteError refused, IndefiniteError otherwise */
export function ask(connection: Connection, request: Request): Promise<Value> {
  return answers.ask(connection, request);
}

/** What a node says of itself. */
export async function statusOf(node: Node, signal: AbortSignal): Promise<Status> {
  const status: Request = { kind: 'status' };
  return (await answers.askNode(node, status, signal)) as unknown as Status;
}

/** Whether this node takes a request that a majority must commit. */
export function serves(node: Node, signal: AbortSignal): Promise<boolean> {
  const nothing: Request = { kind: 'nothing' };
  return answers.carriesOut(node, nothing, signal);
}
