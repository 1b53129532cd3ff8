/** What model servers answer, and asking them: as clients, observers and probes do. */
import { DefiniteError, IndefiniteError } from '../../harness/client.ts';
import type { Value } from '../../harness/operation.ts';
import type { Connection } from '../../harness/testbeds/simulated/connection.ts';
import { asSimulated } from '../../harness/testbeds/simulated/node.ts';
import type { Node } from '../../harness/testbed.ts';

/**
 * What clients are answered.
 * - `refused`: certainly not done, no service.
 * - `rejected`: certainly not done, by the system's own judgement.
 * - `unknown`: perhaps done, perhaps later.
 */
export type Answer =
  | { readonly outcome: 'done'; readonly value: Value }
  | {
      readonly outcome: 'refused' | 'rejected' | 'unknown';
      readonly why: string;
      /** The system's own code. */
      readonly code?: string;
    };

/** One request over an open connection. @throws DefiniteError refused or rejected, IndefiniteError otherwise */
export async function ask(connection: Connection, request: unknown): Promise<Value> {
  return valueOf((await connection.request(request as Value)) as Answer);
}

/** One request in one exchange, for observers. @throws as `ask` */
export async function askNode(node: Node, request: unknown, signal: AbortSignal): Promise<Value> {
  return valueOf((await asSimulated(node).ask(request as Value, signal)) as Answer);
}

/** Whether a node carries out this request now. */
export async function carriesOut(
  node: Node,
  request: unknown,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await askNode(node, request, signal);
    return true;
  } catch (error) {
    if (error instanceof DefiniteError || error instanceof IndefiniteError) return false;
    throw error;
  }
}

function valueOf(answer: Answer): Value {
  if (answer.outcome === 'done') return answer.value;
  const { outcome, why, code } = answer;
  const details = code === undefined ? {} : { code };
  if (outcome === 'unknown') throw new IndefiniteError(why, details);
  throw new DefiniteError(outcome, why, details);
}
