/**
 * A registry of workers, one a node, on znodes: a worker's own ephemeral node says that it is registered, and further
 * ones beside it declare its soft state (ephemeral nodes have no children). All are children of one parent, so that one
 * request lists them as they were at one moment.
 */
import type { NodeName, Value } from '../../../harness/operation.ts';
import type { Connection } from './connection.ts';
import type { MultiPart } from './records.ts';
import { create, deleteNode, getChildren, multi } from './requests.ts';
import { unless } from './session.ts';

export const REGISTRY = '/faultline/registry';

const NOTHING = new Uint8Array(0);

/** What a worker holds all through the run, by name. */
export function declaredBy(worker: NodeName): Readonly<Record<string, Value>> {
  return { address: `${worker}:7000`, capacity: 4 };
}

/** One worker as the children of the registry show it. */
export interface RegistryEntry {
  readonly worker: NodeName;
  readonly registered: boolean;
  readonly shown: Readonly<Record<string, Value>>;
}

/** What these children of the registry show of a worker. */
export function entryOf(worker: NodeName, children: readonly string[]): RegistryEntry {
  const shown = Object.entries(declaredBy(worker)).filter(([name, value]) =>
    children.includes(stateNode(worker, name, value)),
  );
  return { worker, registered: children.includes(worker), shown: Object.fromEntries(shown) };
}

/** Registers a worker with all its soft state, in one transaction that also removes what an old session left. */
export async function registerAtOnce(connection: Connection, worker: NodeName): Promise<void> {
  const left = await nodesOf(connection, worker);
  await multi(connection, [
    ...left.map((name): MultiPart => ({ delete: pathOf(name) })),
    ...[worker, ...stateNodes(worker)].map((name): MultiPart => ({
      create: pathOf(name),
      data: NOTHING,
      mode: 'ephemeral',
    })),
  ]);
}

/** Deliberately weak: the worker's own node alone, and of an old session's soft state nothing is kept. */
export async function registerFirst(connection: Connection, worker: NodeName): Promise<void> {
  for (const name of await nodesOf(connection, worker)) {
    await unless(deleteNode(connection, pathOf(name)), 'NONODE', null);
  }
  await create(connection, pathOf(worker), NOTHING, 'ephemeral');
}

/** Deliberately weak: the second step of `registerFirst`, a node after another. */
export async function declareThen(connection: Connection, worker: NodeName): Promise<void> {
  for (const name of stateNodes(worker)) {
    await unless(create(connection, pathOf(name), NOTHING, 'ephemeral'), 'NODEEXISTS', null);
  }
}

/** Whether the session's server lists the worker. */
export async function looksRegistered(connection: Connection, worker: NodeName): Promise<boolean> {
  return (await nodesOf(connection, worker)).includes(worker);
}

async function nodesOf(connection: Connection, worker: NodeName): Promise<string[]> {
  const children = await getChildren(connection, REGISTRY);
  return children.filter((name) => name === worker || name.startsWith(`${worker}.`));
}

function stateNodes(worker: NodeName): string[] {
  return Object.entries(declaredBy(worker)).map(([name, value]) => stateNode(worker, name, value));
}

/** `n1.capacity=4`: the value is in the name, so that a list of names shows it. */
function stateNode(worker: NodeName, name: string, value: Value): string {
  return `${worker}.${name}=${JSON.stringify(value)}`;
}

/** The znode of this name in the registry. */
export function pathOf(name: string): string {
  return `${REGISTRY}/${name}`;
}
