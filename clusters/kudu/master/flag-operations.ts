/** What an administrator does to masters themselves: flags of a running server, elections. Read back where it can be. */
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import type { Value } from '../../../harness/operation.ts';
import type { Node } from '../../../harness/testbed.ts';
import { connectKrpc, type KrpcConnection } from '../krpc/connection.ts';
import { consensusState, leaderStepDown, readFlag, setFlag } from './administration.ts';
import type { LeaderSession } from './leader-session.ts';
import { MASTER_PORT } from './requests.ts';

/** A flag of masters; it holds until the server ends. */
export type FlagChange = {
  readonly flag: string;
  readonly value: string;
  readonly on: 'leader' | 'others' | 'all';
};

/** Makes every RPC from a master to tablet servers fail before it is sent (for tests of Kudu's own). */
export const FAIL_TABLET_SERVER_RPCS = 'catalog_manager_fail_ts_rpcs';

/** Changes a flag on the leader, the other masters, or all of them. @throws IndefiniteError where it does not read back */
export async function changeFlag(session: LeaderSession, value: Value): Promise<Value> {
  const { flag, value: wanted, on } = value as FlagChange;
  const { node: leader } = await session.leader();
  const chosen = session.masters.filter(
    ({ name }) => on === 'all' || (name === leader) === (on === 'leader'),
  );
  for (const master of chosen) {
    const seen = await setAndReadBack(session, master, flag, wanted);
    if (seen !== wanted) throw new IndefiniteError(`--${flag} is ${seen} on ${master.name}`);
  }
  return { flag, value: wanted, on: chosen.map(({ name }) => name), done: true };
}

/** @throws IndefiniteError where the master cannot be asked: others may have been changed before */
async function setAndReadBack(
  { clock, signal }: LeaderSession,
  { name, address }: Node,
  flag: string,
  value: string,
): Promise<string | null> {
  let connection: KrpcConnection | null = null;
  try {
    connection = await connectKrpc({ address, port: MASTER_PORT }, clock, signal);
    await setFlag(connection, flag, value);
    return await readFlag(connection, flag);
  } catch (error) {
    if (!(error instanceof DefiniteError)) throw error;
    throw new IndefiniteError(`--${flag} of ${name}: ${error.message}`, { cause: error });
  } finally {
    connection?.close();
  }
}

/** The leader leads no more; it may be elected again. `done` as soon as it is acknowledged, as of flags. */
export async function stepDown(session: LeaderSession): Promise<Value> {
  const told = await session.ask(async ({ connection, node }) => {
    const { leaderUuid, term } = await consensusState(connection);
    if (leaderUuid === null) throw new IndefiniteError(`${node} knows no leader`);
    await leaderStepDown(connection, leaderUuid);
    return { node, term, done: true };
  });
  session.close(); // Somebody else is to be asked next.
  return told;
}
