/** A master's namespace in 1.x, for the workloads that are common to both generations. */
import type { OpenNamespace } from '../client/metadata-client.ts';
import type { ThriftConnection } from '../thrift/connection.ts';
import { settle } from '../thrift/errors.ts';
import * as calls from '../thrift/file-system-calls.ts';
import { MasterLine } from '../thrift/master-connection.ts';

export const openNamespace: OpenNamespace = (node, signal) => {
  const line = new MasterLine(node, signal);
  const asked = async <T>(call: (connection: ThriftConnection) => Promise<T>): Promise<T> => {
    const connection = await line.connected();
    return settle(call(connection));
  };
  return {
    connect: async () => {
      await line.connected();
    },
    createDirectory: (path) => asked((connection) => calls.createDirectory(connection, path)),
    createFile: (path) => asked((connection) => calls.createFile(connection, path)),
    rename: (from, to) => asked((connection) => calls.rename(connection, from, to)),
    remove: (path) => asked((connection) => calls.remove(connection, path)),
    list: async (path) => {
      const entries = await asked((connection) => calls.listStatus(connection, path));
      return entries.map((entry) => entry.path);
    },
    close: () => line.close(),
    get session() {
      return line.name;
    },
  };
};
