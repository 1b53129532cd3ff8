/**
 * Nodes as containers of a Docker Engine: own network, own volumes, everything labelled with the run.
 */
import { join } from 'node:path';
import type Docker from 'dockerode';
import type { NodeName } from '../../operation.ts';
import type {
  Cluster,
  ClusterPlan,
  ImagePlan,
  NodePlan,
  Testbed,
  TestbedContext,
} from '../../testbed.ts';
import type { Lack } from '../../means.ts';
import { SupervisedNetwork } from '../supervised/supervised-network.ts';
import { execWatch } from '../supervised/call-watch.ts';
import { DockerNode } from './docker-node.ts';
import { type EngineEvent, followEngine } from './engine-events.ts';
import {
  type VolumePlan,
  createContainer,
  createVolume,
  sharedVolumesOf,
  startVolumeHolder,
  volumesOf,
} from './node-container.ts';
import { HostChain } from './host-chain.ts';
import { listLeftovers, removeLeftover } from './leftovers.ts';
import { reconnectShaping } from './means/node-shaping.ts';
import { PacketCaptures } from './packet-capture.ts';
import { connectProxies, prepareProxies } from './proxies/cluster-proxies.ts';
import type { DockerProxies } from './proxies/node-proxies.ts';
import { RULES_IMAGE, startRulesSidecar } from './rules-sidecar.ts';
import { runName } from './run-labels.ts';
import { type NodeVersionsByName, prepareVersions } from './node-versions.ts';
import { createRunNetwork } from './run-network.ts';
import { ServerLog } from '../supervised/server-log.ts';
import { addressIn } from './subnet.ts';
import { engineSettings } from './undo/backend.ts';
import { createFilesystem } from './volumes/own-filesystem.ts';
import { canHaveFilesystems } from './volumes/probe.ts';

export interface DockerTestbedOptions {
  readonly docker: Docker;
  /** The tag of a plan's image, which the engine then has. */
  readonly image: (plan: ImagePlan, say: (line: string) => void) => Promise<string>;
  /** Leave the cluster running at the end. Default: false. */
  readonly keep?: boolean;
  /** Use the host's own means (signals by pid, volumes as files) where a probe finds them. Default: true. */
  readonly hostAccess?: boolean;
  /** Capture each node's packets into the run directory. Default: false. */
  readonly pcap?: boolean;
}

const NOTHING = { nodes: [], events: null, captures: null, network: null } as const;
/** `n1` is `.11`. */
const FIRST_ADDRESS = 11;
const MEBIBYTE = 1 << 20;
const MOST_NODES = 200;

interface Up {
  readonly runId: string;
  readonly nodes: readonly DockerNode[];
  readonly events: Disposable | null;
  readonly captures: PacketCaptures | null;
  readonly network: SupervisedNetwork | null;
  readonly context: TestbedContext;
}

/** A testbed for one cluster at a time. */
export function dockerTestbed(options: DockerTestbedOptions): Testbed {
  const { docker } = options;
  let capabilities: Readonly<Record<string, string>> = { nodes: 'containers' };
  let current: Up | null = null;
  return {
    kind: 'docker',
    undoSettings: engineSettings(docker),
    get capabilities() {
      return capabilities;
    },
    // Of a machine whose engine is its own; a control group's limit counts as well.
    freeMemoryMb: () => process.availableMemory() / MEBIBYTE,
    async up(plan, context) {
      if (current !== null) throw new Error(`run ${current.runId} is still up; take it down first`);
      const began = (up: Up): void => void (current = up);
      const cluster = await bringUp(options, plan, context, began);
      capabilities = describe(cluster);
      const { signals, links, files } = capabilities;
      context.say(`means: signals by ${signals}, links by ${links}, files by ${files}`);
      return cluster;
    },
    async down() {
      if (current === null) return [];
      const { runId, nodes, events, captures, network, context } = current;
      events?.[Symbol.dispose]();
      await Promise.all([finish(nodes, context), captures?.end(), network?.end()]);
      current = null;
      if (options.keep === true) return [];
      const left = await removeRun(docker, runId);
      // What is left can be taken down again.
      if (left.length > 0) current = { runId, context, ...NOTHING };
      return left;
    },
  };
}

interface DockerCluster extends Cluster {
  readonly nodes: readonly DockerNode[];
  readonly network: SupervisedNetwork;
}

async function bringUp(
  options: DockerTestbedOptions,
  plan: ClusterPlan,
  context: TestbedContext,
  began: (up: Up) => void,
): Promise<DockerCluster> {
  const { docker } = options;
  const { runId } = plan;
  const names = [...plan.nodes, ...(plan.spares ?? [])];
  if (names.length > MOST_NODES) {
    throw new RangeError(`${names.length} nodes: expected at most ${MOST_NODES}`);
  }
  const image = await options.image(plan.image, context.say);
  const captures = options.pcap === true ? await prepareCaptures(options, plan, context) : null;
  const proxiesOf = await prepareProxies(options.image, plan, context);
  const versionsOf = await prepareVersions(options.image, plan, context.say);
  context.signal.throwIfAborted();
  began({ runId, context, ...NOTHING });
  const subnet = await createRunNetwork(docker, runId);
  const addresses: ReadonlyMap<NodeName, string> = new Map(
    names.map((name, index) => [name, addressIn(subnet, FIRST_ADDRESS + index)]),
  );
  const plans = new Map(names.map((name) => [name, plan.node(name, addresses)]));
  await createVolumes(docker, plan, image, plans, options.hostAccess ?? true);
  context.signal.throwIfAborted();

  const network = new SupervisedNetwork(addresses, context, {
    clientSide: true,
    knownName: runName(runId, plan.nodes[0]),
    watchCalls: execWatch((node) => docker.getContainer(runName(runId, node))),
    standIn: async ({ name }) => {
      const rules = await options.image(RULES_IMAGE, context.say);
      return startRulesSidecar({ docker, clock: context.clock, image: rules, runId, node: name });
    },
  });
  const made = await all(
    [...plans].map(async ([name, nodePlan]) => {
      const of = { runId, node: name, image, addresses, plan: nodePlan };
      const container = await createContainer(docker, of);
      const node = newNode(options, plan, context, {
        name,
        addresses,
        container,
        nodePlan,
        network,
        captures,
        proxies: proxiesOf(name, addresses),
        versions: versionsOf(name, addresses),
      });
      return node;
    }),
  );
  made.forEach((node) => network.add(node));
  const events = await follow(docker, runId, made, context);
  began({ runId, nodes: made, events, captures, context, network });
  await all(made.map((node) => node.boot()));
  if (made.every((node) => node.initPid() !== null)) {
    const chain = await HostChain.probe(runId, addresses, () => network.sendProbe());
    if (chain !== null) network.useHost(chain);
  }
  context.say(`${made.length} containers are up on ${runName(runId)}`);
  context.signal.throwIfAborted();
  const cluster = clusterOf(plan, made, network);
  await all(cluster.nodes.map((node) => node.start()));
  return cluster;
}

function clusterOf(
  { spares = [] }: ClusterPlan,
  made: readonly DockerNode[],
  network: SupervisedNetwork,
): DockerCluster {
  const isSpare = ({ name }: DockerNode): boolean => spares.includes(name);
  return {
    kind: 'docker',
    nodes: made.filter((node) => !isSpare(node)),
    spares: made.filter(isSpare),
    network,
    node: (name) => made.find((node) => node.name === name) ?? unknownNode(name, made),
  };
}

interface NodeParts {
  readonly name: NodeName;
  readonly addresses: ReadonlyMap<NodeName, string>;
  readonly container: Docker.Container;
  readonly nodePlan: NodePlan;
  readonly network: SupervisedNetwork;
  readonly captures: PacketCaptures | null;
  readonly proxies: DockerProxies | Lack;
  readonly versions: NodeVersionsByName;
}

function newNode(
  options: DockerTestbedOptions,
  plan: ClusterPlan,
  context: TestbedContext,
  { name, addresses, container, nodePlan, network, captures, proxies, versions }: NodeParts,
): DockerNode {
  const { directory, runId } = plan;
  const path = directory === null ? null : join(directory, 'nodes', name, 'server.log');
  return new DockerNode({
    docker: options.docker,
    runId,
    name,
    address: addresses.get(name) ?? '',
    container,
    plan: nodePlan,
    context,
    log: new ServerLog(context.clock, path),
    hostAccess: options.hostAccess ?? true,
    proxies,
    ...{ versions, addresses },
    connected: async (node) => {
      await Promise.all([
        network.connected(node),
        captures?.begin(name, node.container),
        reconnectShaping(node.means.shaping),
        connectProxies(proxies, node),
      ]);
    },
  });
}

function prepareCaptures(
  options: DockerTestbedOptions,
  plan: ClusterPlan,
  context: TestbedContext,
): Promise<PacketCaptures | null> {
  const { docker, image, hostAccess = true } = options;
  return PacketCaptures.prepare({ docker, image, plan, context, hostAccess });
}

async function createVolumes(
  docker: Docker,
  { runId, needs = [] }: ClusterPlan,
  image: string,
  plans: ReadonlyMap<NodeName, NodePlan>,
  hostAccess: boolean,
): Promise<void> {
  const volumes: readonly VolumePlan[] = [...plans].flatMap(([name, plan]) =>
    volumesOf(runId, name, plan),
  );
  const own = hostAccess && needs.includes('own-filesystems') && canHaveFilesystems() === null;
  await all(
    volumes.map(async (volume) => {
      const onDevice = own && volume.medium === 'disk';
      const device = onDevice ? await createFilesystem(runId, volume.name) : undefined;
      return createVolume(docker, runId, volume, device);
    }),
  );
  const shared = [...plans].flatMap(([name, plan]) => sharedVolumesOf(runId, name, plan));
  const once = new Map(shared.map((volume) => [volume.name, volume]));
  await all([...once.values()].map((volume) => createVolume(docker, runId, volume)));
  const memory = volumes.filter((volume) => volume.medium === 'memory');
  if (memory.length > 0) await startVolumeHolder(docker, runId, image, memory);
}

function follow(
  docker: Docker,
  runId: string,
  nodes: readonly DockerNode[],
  context: TestbedContext,
): Promise<Disposable> {
  const seen = ({ action, node }: EngineEvent): void => {
    const notAfter = context.clock.now();
    const of = nodes.find(({ name }) => name === node);
    if (action === 'pause' || action === 'unpause') of?.pausedByEngine(action === 'pause');
    if (action !== 'oom') return;
    const event = { type: 'noted', name: 'out-of-memory', node, value: null } as const;
    context.events({ ...event, notBefore: 0, notAfter });
  };
  const lost = (reason: string): void => {
    const now = context.clock.now();
    context.say(`the engine is lost: ${reason}`);
    const event = { type: 'noted', name: 'engine-lost', value: reason } as const;
    context.events({ ...event, notBefore: 0, notAfter: now });
    context.failed?.(new Error(`the Docker Engine is lost: ${reason}`));
  };
  return followEngine(docker, runId, seen, lost);
}

/** Takes in what is left of the logs. What went wrong with them is told, and stops nothing. */
async function finish(nodes: readonly DockerNode[], context: TestbedContext): Promise<void> {
  const ends = await Promise.allSettled(nodes.map((node) => node.finish()));
  ends.forEach((end, index) => {
    const node = nodes[index]?.name;
    if (end.status === 'fulfilled' || node === undefined) return;
    const value = String(end.reason);
    const now = context.clock.now();
    context.say(`the log of ${node} is not complete: ${value}`);
    const event = { type: 'noted', name: 'log-incomplete', node, value } as const;
    context.events({ ...event, notBefore: now, notAfter: now });
  });
}

/** Never throws: what could not be looked at counts as left. */
async function removeRun(docker: Docker, runId: string): Promise<readonly string[]> {
  try {
    const mine = (await listLeftovers(docker)).find(({ run }) => run === runId);
    return mine === undefined ? [] : await removeLeftover(docker, mine);
  } catch (error) {
    return [`run ${runId}: ${String(error)}`];
  }
}

/** Waits for all of them, also when one fails, so that nothing is still being made when the failure is told. */
async function all<T>(works: readonly Promise<T>[]): Promise<readonly T[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}

function describe({ nodes, network }: DockerCluster): Readonly<Record<string, string>> {
  const every = (test: (node: DockerNode) => boolean): boolean => nodes.every(test);
  const tools = every((node) => node.hello?.tools.includes('iptables-restore') === true);
  const volumes = every((node) => node.volumesFromHost);
  return {
    nodes: 'containers',
    signals: every((node) => node.initPid() !== null) ? 'host pid' : 'supervisor',
    links: linksBy(tools, network),
    files: volumes ? 'fs.watch on the host' : 'inotify in the node',
    volumes: 'survive kill and crash, on disk and in memory',
  };
}

function linksBy(tools: boolean, { hostChain, ruled }: SupervisedNetwork): string {
  const beside = ruled
    ? 'rules from a container beside the node'
    : 'none: the image lacks iptables';
  const inNode = tools ? 'rules in the node' : beside;
  return hostChain === null ? inNode : `one chain of the host (finer than drops: ${inNode})`;
}

function unknownNode(name: NodeName, nodes: readonly DockerNode[]): never {
  const known = nodes.map((node) => node.name).join(', ');
  throw new RangeError(`no node ${name}; expected one of ${known}`);
}
