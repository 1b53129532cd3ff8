/** What a leading master of Alluxio 2.x says of itself and of its workers. A standby serves none of it. */
import { message, type Message } from '../../wire/protobuf.ts';
import type { GrpcChannel } from './channel.ts';

const META = 'alluxio.grpc.meta.MetaMasterClientService';
const BLOCK = 'alluxio.grpc.block.BlockMasterClientService';

/** grpc/meta_master.proto, MasterInfo. */
export interface MasterInfo {
  readonly version: string;
  readonly safeMode: boolean;
  readonly raftJournal: boolean;
}

/** grpc/block_master.proto, WorkerInfo. */
export interface WorkerInfo {
  readonly id: string;
  readonly host: string;
  /** `In Service`, `Out of Service`. */
  readonly state: string;
  readonly capacityBytes: number;
}

/** Answered by whoever leads, or thinks so. @throws DefiniteError `refused` on a standby */
export async function masterInfo(channel: GrpcChannel): Promise<MasterInfo> {
  const answer = await channel.call(`${META}/GetMasterInfo`, message());
  const info = answer.message(1);
  return {
    version: info?.text(7) ?? '',
    safeMode: info?.number(4) === 1,
    raftJournal: info?.number(12) === 1,
  };
}

/** The workers that the leader counts as live. */
export async function workerInfos(channel: GrpcChannel): Promise<readonly WorkerInfo[]> {
  const answer = await channel.call(`${BLOCK}/GetWorkerInfoList`, message());
  return answer.messages(1).map(workerInfo);
}

function workerInfo(info: Message): WorkerInfo {
  return {
    id: String(info.bigint(1) ?? 0n),
    host: info.message(2)?.text(1) ?? '',
    state: info.text(4) ?? '',
    capacityBytes: info.number(5) ?? 0,
  };
}
