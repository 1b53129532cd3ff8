/** Which master leads, as the masters themselves say. */
import type { Clock, Timer } from '../../../harness/clock.ts';
import { MILLISECOND, type NodeName } from '../../../harness/operation.ts';
import type { Node } from '../../../harness/testbed.ts';
import { connectKrpc, type KrpcConnection } from '../krpc/connection.ts';
import { consensusState } from './administration.ts';
import { connectToMaster, MASTER_PORT } from './requests.ts';

/** A master that says it leads, and the connection on which it said so. */
export interface LeadingMaster {
  readonly node: NodeName;
  readonly term: number;
  readonly connection: KrpcConnection;
}

/** Once one master says that it leads, how long the others may take to say that they do, in a later term. */
const RIVALS_LIMIT = 100 * MILLISECOND;
const CONNECT_MS = 1000;
const ANSWER = { timeoutMs: 500 };

/**
 * The master that says it leads and serves, in the highest term when several do (there is no leader lease: one that is
 * cut off goes on saying so); null when none does. Those that are gone or paused are not waited for. Whoever asked owns
 * the connection.
 */
export async function findLeadingMaster(
  masters: readonly Pick<Node, 'name' | 'address'>[],
  clock: Clock,
  signal: AbortSignal,
): Promise<LeadingMaster | null> {
  const claims = await claimsToLead(masters, clock, signal);
  const [leader = null, ...others] = claims.toSorted((a, b) => b.term - a.term);
  for (const { connection } of others) connection.close();
  return leader;
}

/** Settles when all have answered, or a little after the first that says it leads. */
function claimsToLead(
  masters: readonly Pick<Node, 'name' | 'address'>[],
  clock: Clock,
  signal: AbortSignal,
): Promise<LeadingMaster[]> {
  const claims: LeadingMaster[] = [];
  let timer: Timer | null = null;
  let settled = false;
  return new Promise((resolve) => {
    const settle = (): void => {
      settled = true;
      timer?.cancel();
      resolve(claims);
    };
    const ask = async (master: Pick<Node, 'name' | 'address'>): Promise<void> => {
      const claim = await claimOf(master, clock, signal);
      if (claim === null) return;
      if (settled) return claim.connection.close(); // Too late to matter.
      claims.push(claim);
      timer ??= clock.at(clock.now() + RIVALS_LIMIT, settle);
    };
    void Promise.all(masters.map(ask)).then(settle); // Never rejects.
  });
}

async function claimOf(
  { name, address }: Pick<Node, 'name' | 'address'>,
  clock: Clock,
  signal: AbortSignal,
): Promise<LeadingMaster | null> {
  let connection: KrpcConnection | null = null;
  try {
    const options = { address, port: MASTER_PORT, connectMs: CONNECT_MS };
    connection = await connectKrpc(options, clock, signal);
    const { role, error } = await connectToMaster(connection, ANSWER);
    if (role === 'leader' && error === null) {
      const { term } = await consensusState(connection, undefined, ANSWER);
      return { node: name, term, connection };
    }
  } catch {
    // Whoever cannot be asked is not known to lead.
  }
  connection?.close();
  return null;
}
