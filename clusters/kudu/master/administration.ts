/**
 * What any server lets its administrator do: flags (src/kudu/server/server_base.proto) and the Raft of a tablet
 * (src/kudu/consensus/consensus.proto). The connection must be of the user that the server runs as.
 */
import { bytesField, message, varintField } from '../../wire/protobuf.ts';
import type { KrpcConnection } from '../krpc/connection.ts';
import { serverError } from '../krpc/kudu-error.ts';
import type { CallLimit } from './requests.ts';

const GENERIC = 'kudu.server.GenericService';
const CONSENSUS = 'kudu.consensus.ConsensusService';
/** The tablet that holds the masters' catalog. */
export const SYS_CATALOG = '0'.repeat(32);
const FLAG_SET = 1;
const FLAG_REFUSALS: Readonly<Record<number, string>> = {
  2: 'no such flag',
  3: 'not a value of it',
  4: 'not safe to change while it runs',
};

/**
 * Changes a command-line flag while the server runs, until it ends.
 * @returns the value before
 * @throws RangeError when the server does not know the flag or the value
 */
export async function setFlag(
  connection: KrpcConnection,
  flag: string,
  value: string,
): Promise<string> {
  const body = message(bytesField(1, flag), bytesField(2, value), varintField(3, true));
  const answer = (await connection.call({ service: GENERIC, method: 'SetFlag', body })).body;
  const result = answer.number(1) ?? 0;
  if (result !== FLAG_SET) {
    const why = FLAG_REFUSALS[result] ?? `result ${result}`;
    throw new RangeError(`--${flag}=${value}: ${why} (${answer.text(2) ?? ''})`);
  }
  return answer.text(3) ?? '';
}

/** The flag's value now; null when the server has no such flag. */
export async function readFlag(connection: KrpcConnection, flag: string): Promise<string | null> {
  const body = message(varintField(1, true));
  const answer = (await connection.call({ service: GENERIC, method: 'GetFlags', body })).body;
  const found = answer.messages(1).find((each) => each.text(1) === flag);
  return found?.text(2) ?? null;
}

export interface ConsensusState {
  readonly term: number;
  /** Whom the server takes for the leader; null when it knows none. */
  readonly leaderUuid: string | null;
}

/** A tablet's Raft as this server sees it. @param tablet default: the masters' catalog */
export async function consensusState(
  connection: KrpcConnection,
  tablet: string = SYS_CATALOG,
  limit: CallLimit = {},
): Promise<ConsensusState> {
  const body = message(bytesField(2, tablet));
  const call = { service: CONSENSUS, method: 'GetConsensusState', body, ...limit };
  const state = (await connection.call(call)).body.messages(1)[0]?.message(2);
  const leader = state?.text(2) ?? '';
  return { term: state?.number(1) ?? 0, leaderUuid: leader === '' ? null : leader };
}

/** Asks the leader of a tablet to lead no more. @param uuid its own. @throws KuduError when it does not lead */
export async function leaderStepDown(
  connection: KrpcConnection,
  uuid: string,
  tablet: string = SYS_CATALOG,
): Promise<void> {
  const body = message(bytesField(2, uuid), bytesField(1, tablet));
  const answer = await connection.call({ service: CONSENSUS, method: 'LeaderStepDown', body });
  const error = answer.body.message(1);
  if (error !== undefined) throw serverError('tserver', error);
}

/** LeaderStepDownMode. */
const GRACEFUL = 2;

/**
 * Asks the leader of a tablet to see another elected in its place; it goes on leading where that one cannot be.
 * @param uuid its own. @param heir the other's. @throws KuduError when it does not lead
 */
export async function stepDownFor(
  connection: KrpcConnection,
  uuid: string,
  heir: string,
  tablet: string,
): Promise<void> {
  const body = message(
    bytesField(2, uuid),
    bytesField(1, tablet),
    varintField(3, GRACEFUL),
    bytesField(4, heir),
  );
  const answer = await connection.call({ service: CONSENSUS, method: 'LeaderStepDown', body });
  const error = answer.body.message(1);
  if (error !== undefined) throw serverError('tserver', error);
}
