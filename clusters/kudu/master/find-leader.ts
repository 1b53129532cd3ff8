/** The leading master, as the masters themselves say, and a connection to it. */
import type { Clock } from '../../../harness/clock.ts';
import { findClaimant } from '../../../harness/leader-claims.ts';
import type { NodeName } from '../../../harness/operation.ts';
import type { Node } from '../../../harness/testbed.ts';
import { connectKrpc, type KrpcConnection } from '../krpc/connection.ts';
import { consensusState } from './administration.ts';
import { connectToMaster, MASTER_PORT } from './requests.ts';

/** A master that says it leads, and the connection on which it said so. */
export interface LeadingMaster {
  readonly node: NodeName;
  readonly connection: KrpcConnection;
}

const CONNECT_MS = 1000;
const ANSWER = { timeoutMs: 500 };

/**
 * The master that says it leads and serves, in the highest term when several do (there is no leader lease: one that is
 * cut off goes on saying so); null when none does. Whoever asked owns the connection, which ends with the signal.
 */
export async function findLeadingMaster(
  masters: readonly Node[],
  clock: Clock,
  signal: AbortSignal,
): Promise<LeadingMaster | null> {
  const connections = new Map<NodeName, KrpcConnection>();
  let isKnown = false;
  const termIfLeading = async ({ name, address }: Node): Promise<number | null> => {
    const options = { address, port: MASTER_PORT, connectMs: CONNECT_MS };
    const connection = await connectKrpc(options, clock, signal);
    const term = await termOf(connection).catch(nullIfUnanswered);
    if (term === null || isKnown) connection.close();
    else connections.set(name, connection);
    return term;
  };
  const leader = await findClaimant(masters, termIfLeading, clock, signal);
  isKnown = true;
  let found: LeadingMaster | null = null;
  for (const [node, connection] of connections) {
    if (node === leader) found = { node, connection };
    else connection.close();
  }
  return found;
}

/** Null when it does not lead, or does not serve yet. */
async function termOf(connection: KrpcConnection): Promise<number | null> {
  const { role, error } = await connectToMaster(connection, ANSWER);
  if (role !== 'leader' || error !== null) return null;
  return (await consensusState(connection, undefined, ANSWER)).term;
}

/** Whoever cannot be asked is not known to lead. */
function nullIfUnanswered(): null {
  return null;
}
