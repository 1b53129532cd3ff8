/** A master's namespace in 2.x, for the workloads that are common to both generations. */
import { DefiniteError } from '../../../harness/client.ts';
import type { OpenNamespace } from '../client/metadata-client.ts';
import { RPC_PORT } from '../servers.ts';
import { GrpcChannel } from './channel.ts';
import * as calls from './file-system-calls.ts';
import { masterInfo } from './master-calls.ts';

/** One connection for good: a client whose connection is lost is refused, and made anew by whoever uses it. */
export const openNamespace: OpenNamespace = (node, signal) => {
  let channel: GrpcChannel | null = null;
  const opened = (): GrpcChannel => {
    if (channel === null) throw new DefiniteError('refused', `no connection to ${node.name}`);
    return channel;
  };
  return {
    connect: async () => {
      channel = await GrpcChannel.open(node.address, RPC_PORT, signal);
      // A master that stands by accepts connections, and serves nothing.
      await masterInfo(channel);
    },
    createDirectory: async (path) => calls.createDirectory(opened(), path),
    createFile: async (path) => calls.createFile(opened(), path),
    rename: async (from, to) => calls.rename(opened(), from, to),
    remove: async (path) => calls.remove(opened(), path),
    list: async (path) => (await calls.listStatus(opened(), path)).map((entry) => entry.path),
    close: () => channel?.close(),
    get session() {
      return channel === null ? 'none' : `${node.name} on connection ${channel.ordinal}`;
    },
  };
};
