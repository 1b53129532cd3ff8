/** What a backup has to write, so that it takes its time. */
import type { GrpcChannel } from '../grpc/channel.ts';
import { createDirectories } from '../grpc/file-system-calls.ts';

/** Where the backup workload's directories are. */
export const ROOT = '/b';
const FILL = '/fill';
/** Made by one call, one in another. */
const DEPTH = 50;
/** Calls under way at once. */
const IN_FLIGHT = 8;

/** Makes so many directories, or up to 49 more. @throws when they cannot be made */
export async function fill(channel: GrpcChannel, directories: number): Promise<void> {
  const calls = Math.ceil(directories / DEPTH);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < calls) {
      const inner = '/d'.repeat(DEPTH - 1);
      await createDirectories(channel, `${FILL}/${next++}${inner}`);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
}
