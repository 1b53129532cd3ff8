/** The calls by which workers register and whoever asks sees them, Alluxio 1.x (block_master.thrift). */
import {
  amountsField,
  emptyListsField,
  i32Field,
  i64Field,
  struct,
  Struct,
  structField,
  textField,
  textListField,
  type ThriftValue,
} from './codec.ts';
import type { ThriftConnection } from './connection.ts';

const FOR_WORKERS = 'BlockMasterWorker';
const FOR_CLIENTS = 'BlockMasterClient';
/** The only tier of our workers. */
const TIER = 'MEM';

/** What a master shows of a worker. */
export interface WorkerInfo {
  readonly id: bigint;
  readonly host: string;
  /** `In Service`, `Out of Service`. */
  readonly state: string;
  readonly capacityBytes: number;
}

/** The workers that a master knows. @throws AlluxioError UNAVAILABLE in safe mode */
export async function workerInfoList(connection: ThriftConnection): Promise<readonly WorkerInfo[]> {
  const args = struct(structField(1, struct()));
  const answer = await connection.call(FOR_CLIENTS, 'getWorkerInfoList', args);
  return structOf(answer).structs(1).map(workerInfo);
}

/** The first step of a registration: an id for a worker on this host. */
export async function getWorkerId(connection: ThriftConnection, host: string): Promise<bigint> {
  const address = struct(
    ...[textField(1, host), i32Field(2, 29_998), i32Field(3, 29_999)],
    ...[i32Field(4, 30_000), textField(5, '')],
  );
  const args = struct(structField(1, address), structField(2, struct()));
  const id = structOf(await connection.call(FOR_WORKERS, 'getWorkerId', args)).integer(1);
  if (id === undefined) throw new TypeError('getWorkerId answers no id');
  return id;
}

/** The second step: what the worker has. No blocks. */
export async function registerWorker(
  connection: ThriftConnection,
  id: bigint,
  capacityBytes: bigint,
): Promise<void> {
  const args = struct(
    ...[i64Field(1, id), textListField(2, [TIER])],
    ...[amountsField(3, { [TIER]: capacityBytes }), amountsField(4, { [TIER]: 0n })],
    ...[emptyListsField(5, [TIER]), structField(6, struct())],
  );
  await connection.call(FOR_WORKERS, 'registerWorker', args);
}

/** A worker tells that it has written a block of one byte. */
export async function commitBlock(
  connection: ThriftConnection,
  id: bigint,
  block: bigint,
): Promise<void> {
  const args = struct(
    ...[i64Field(1, id), i64Field(2, 1n), textField(3, TIER)],
    ...[i64Field(4, block), i64Field(5, 1n), structField(6, struct())],
  );
  await connection.call(FOR_WORKERS, 'commitBlock', args);
}

/** WorkerInfo{1: id, 2: address{1: host}, 4: state, 5: capacityBytes}. */
function workerInfo(info: Struct): WorkerInfo {
  return {
    id: info.integer(1) ?? 0n,
    host: info.struct(2)?.text(1) ?? '',
    state: info.text(4) ?? '',
    capacityBytes: info.number(5) ?? 0,
  };
}

function structOf(answer: ThriftValue | undefined): Struct {
  if (answer instanceof Struct) return answer;
  throw new TypeError('the master answers no struct');
}
