/**
 * A client of the workload `metadata`, whatever the generation: directories and files under one directory, by name.
 * `create`, `draft` make a directory, `create-file` a file, `rename {id, was}` renames one, `delete` removes one, `list`
 * answers the names of all.
 */
import type { Client } from '../../../harness/client.ts';
import type { Invocation, NodeName, Value } from '../../../harness/operation.ts';
import type { Cluster, Node } from '../../../harness/testbed.ts';

/** Where the workload's entries are. */
export const PARENT = '/metadata';

/** A master's namespace over a connection that is made anew when it was lost; errors are the client's. */
export interface Namespace {
  /** @throws DefiniteError `refused` */
  connect(): Promise<void>;
  createDirectory(path: string): Promise<void>;
  createFile(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Paths of a directory's entries. */
  list(path: string): Promise<readonly string[]>;
  close(): void;
  /** Of the connection, another one after each loss. */
  readonly session: string;
}

/** Opens a namespace on one master. */
export type OpenNamespace = (node: Node, signal: AbortSignal) => Namespace;

export function metadataClient(cluster: Cluster, open: OpenNamespace): Client {
  let namespace: Namespace | null = null;
  return {
    open: async (node: NodeName, signal: AbortSignal) => {
      namespace = open(cluster.node(node), signal);
      await namespace.connect();
    },
    invoke: (operation) => {
      if (namespace === null) throw new TypeError('alluxio client: invoke before open');
      return operate(namespace, operation);
    },
    close: async () => namespace?.close(),
    session: () => namespace?.session ?? 'none',
  };
}

async function operate(namespace: Namespace, { f, value }: Invocation): Promise<Value> {
  switch (f) {
    case 'create':
    case 'draft':
      await namespace.createDirectory(pathOf(value));
      return value;
    case 'create-file':
      await namespace.createFile(pathOf(value));
      return value;
    case 'rename':
      await namespace.rename(pathOf(member(value, 'was')), pathOf(member(value, 'id')));
      return value;
    case 'delete':
      await namespace.remove(pathOf(value));
      return value;
    case 'list':
      return (await namespace.list(PARENT)).map(nameOf).sort();
    default:
      throw new TypeError(`the metadata client does not know "${f}"`);
  }
}

function pathOf(name: Value): string {
  if (typeof name === 'string') return `${PARENT}/${name}`;
  throw new TypeError(`expected a name, got ${JSON.stringify(name)}`);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function member(value: Value, name: string): Value {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  return (value as { readonly [key: string]: Value })[name] ?? null;
}
