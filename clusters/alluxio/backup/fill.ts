/** What a backup has to write, so that it takes its time. */
import type { GrpcChannel } from '../grpc/channel.ts';
import { createDirectory } from '../grpc/file-system-calls.ts';

/** Where the backup workload's directories are. */
export const ROOT = '/b';
const FILL = '/fill';
/** Calls under way at once. */
const IN_FLIGHT = 64;

/** Makes so many directories. @throws when one of them cannot be made */
export async function fill(channel: GrpcChannel, directories: number): Promise<void> {
  if (directories === 0) return;
  await createDirectory(channel, FILL);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < directories) await createDirectory(channel, `${FILL}/${next++}`);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
}
