/** The backup calls of Alluxio 2.x (grpc/meta_master.proto), served by whoever leads. */
import { bytesField, message, messageField, varintField } from '../../wire/protobuf.ts';
import type { Message } from '../../wire/protobuf.ts';
import type { GrpcChannel } from './channel.ts';
import { exceptionText } from './java-exception.ts';

const SERVICE = 'alluxio.grpc.meta.MetaMasterClientService';

/** alluxio.grpc.BackupState, by number. */
const STATES = ['', 'None', 'Initiating', 'Transitioning', 'Running', 'Completed', 'Failed'];

export interface BackupStatus {
  readonly id: string;
  /** Null: the master does not know the backup (`None`). */
  readonly state: string | null;
  /** The host that makes it, where it is told. */
  readonly host: string | null;
  /** Where it was written, once it is. */
  readonly uri: string | null;
  /** Entries written so far. */
  readonly entries: number;
  /** What went wrong, where something did. */
  readonly error: string | null;
}

/**
 * - `delegated`: a standby makes it; refused while none is connected.
 * - `local`: the leader makes it, as `fsadmin backup --bypass-delegation --allow-leader` asks for.
 */
export type BackupKind = 'delegated' | 'local';

/** Begins a backup and does not wait for it. */
export async function startBackup(channel: GrpcChannel, kind: BackupKind): Promise<BackupStatus> {
  const local = kind === 'local';
  const options = messageField(
    1,
    varintField(2, true),
    varintField(3, local),
    varintField(4, local),
  );
  return backupStatusOf(await channel.call(`${SERVICE}/Backup`, message(options)));
}

export async function backupStatus(channel: GrpcChannel, id: string): Promise<BackupStatus> {
  const answer = await channel.call(`${SERVICE}/GetBackupStatus`, message(bytesField(1, id)));
  return backupStatusOf(answer);
}

function backupStatusOf(status: Message): BackupStatus {
  const state = STATES[status.number(2) ?? 1] ?? `state ${status.number(2) ?? 1}`;
  const error = status.bytes(6);
  return {
    id: status.text(1) ?? '',
    state: state === 'None' ? null : state,
    host: status.text(3) ?? null,
    uri: status.text(4) ?? null,
    entries: status.number(5) ?? 0,
    error: error === undefined || error.length === 0 ? null : exceptionText(error),
  };
}
