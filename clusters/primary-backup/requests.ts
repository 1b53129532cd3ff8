/** Asking a replica, as clients, observers and probes do. */
import { DefiniteError, IndefiniteError } from '../../harness/client.ts';
import type { Value } from '../../harness/operation.ts';
import type { Connection } from '../../harness/testbeds/simulated/connection.ts';
import { asSimulated } from '../../harness/testbeds/simulated/node.ts';
import type { Node } from '../../harness/testbed.ts';
import type { Answer, Request, Status } from './protocol.ts';

/** One request over an open connection. @throws DefiniteError refused, IndefiniteError otherwise */
export async function ask(connection: Connection, request: Request): Promise<Value> {
  return valueOf((await connection.request(request)) as Answer);
}

/** What a node says of itself. */
export async function statusOf(node: Node, signal: AbortSignal): Promise<Status> {
  return (await askOnce(node, { kind: 'status' }, signal)) as unknown as Status;
}

/** Whether this node takes a request that a majority must commit. */
export async function serves(node: Node, signal: AbortSignal): Promise<boolean> {
  try {
    await askOnce(node, { kind: 'nothing' }, signal);
    return true;
  } catch (error) {
    if (error instanceof DefiniteError || error instanceof IndefiniteError) return false;
    throw error;
  }
}

async function askOnce(node: Node, request: Request, signal: AbortSignal): Promise<Value> {
  return valueOf((await asSimulated(node).ask(request, signal)) as Answer);
}

function valueOf(answer: Answer): Value {
  switch (answer.outcome) {
    case 'done':
      return answer.value;
    case 'refused':
      throw new DefiniteError('refused', answer.why);
    case 'unknown':
      throw new IndefiniteError(answer.why);
  }
}
