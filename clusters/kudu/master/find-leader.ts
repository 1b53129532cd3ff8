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
  const dials = new Map<NodeName, AbortController>();
  const connections = new Map<NodeName, KrpcConnection>();
  const termIfLeading = async ({ name, address }: Node): Promise<number | null> => {
    const dial = new AbortController();
    dials.set(name, dial);
    const options = { address, port: MASTER_PORT, connectMs: CONNECT_MS };
    const either = AbortSignal.any([signal, dial.signal]);
    const connection = await connectKrpc(options, clock, either);
    connections.set(name, connection);
    return termOf(connection);
  };
  const leader = await findClaimant(masters, termIfLeading, clock, signal);
  // Whoever does not lead, or has not answered yet, is not wanted any more.
  for (const [node, dial] of dials) if (node !== leader) dial.abort();
  const connection = leader === null ? undefined : connections.get(leader);
  return leader === null || connection === undefined ? null : { node: leader, connection };
}

/** Null when it does not lead, or does not serve yet. */
async function termOf(connection: KrpcConnection): Promise<number | null> {
  const { role, error } = await connectToMaster(connection, ANSWER);
  if (role !== 'leader' || error !== null) return null;
  return (await consensusState(connection, undefined, ANSWER)).term;
}
