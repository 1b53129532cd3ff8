/**
 * Nodes as hosts that are reached by SSH. The system under test is installed there already; what a run adds (its
 * supervisor, files, data, rules) is removed at its end, by the hosts themselves when the harness is gone.
 */
import { lookup } from 'node:dns/promises';
import { join } from 'node:path';
import { type NodeName } from '../../operation.ts';
import { seededRandom } from '../../random.ts';
import type { Cluster, ClusterPlan, Testbed, TestbedContext } from '../../testbed.ts';
import { SupervisedNetwork } from '../supervised/supervised-network.ts';
import { ServerLog } from '../supervised/server-log.ts';
import { SshConnection } from './connection.ts';
import { type SshHost, targetOf } from './host.ts';
import { SshError } from './ssh-error.ts';
import { SshNode } from './ssh-node.ts';
import { hostSettings } from './undo-backend.ts';

export interface SshTestbedOptions {
  /** One for each node of a plan, by its name. */
  readonly hosts: readonly SshHost[];
  /** The file they are from, for commands that a person is told. Default: none. */
  readonly hostsFile?: string;
  /** Leave the servers running at the end. Default: false. */
  readonly keep?: boolean;
  /** Where the variables with passwords are. Default: this process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** A testbed for one cluster at a time. */
export function sshTestbed(options: SshTestbedOptions): Testbed {
  let nodes: readonly SshNode[] = [];
  let capabilities: Readonly<Record<string, string>> = { nodes: 'hosts over SSH' };
  return {
    kind: 'ssh',
    get capabilities() {
      return capabilities;
    },
    undoSettings: hostSettings(options.hosts, options.hostsFile ?? null),
    async up(plan, context) {
      if (nodes.length > 0) throw new Error('a run is still up; take it down first');
      const cluster = await bringUp(options, plan, context, (made) => (nodes = made));
      capabilities = describe(nodes);
      context.say(
        `means: signals by ${capabilities['signals']}, links by ${capabilities['links']}`,
      );
      return cluster;
    },
    async down() {
      const left = await Promise.all(nodes.map((node) => node.finish(options.keep ?? false)));
      nodes = [];
      return left.flat();
    },
  };
}

async function bringUp(
  { hosts, environment = process.env }: SshTestbedOptions,
  plan: ClusterPlan,
  context: TestbedContext,
  made: (nodes: readonly SshNode[]) => void,
): Promise<Cluster> {
  const chosen = plan.nodes.map((name) => hostOf(name, hosts));
  const addresses = new Map(
    await Promise.all(chosen.map(async (host) => [host.name, await addressOf(host)] as const)),
  );
  const network = new SupervisedNetwork(addresses, context);
  const random = seededRandom(plan.seed);
  const nodes = chosen.map((host, index): SshNode => {
    const { clock, signal } = context;
    const draws = random.sequence('ssh-back-off', index);
    const of = { clock, signal, draws, environment };
    // A channel's end tells the node.
    const connection = new SshConnection(host, of, () => undefined);
    return new SshNode({
      runId: plan.runId,
      name: host.name,
      address: addresses.get(host.name) ?? '',
      plan: plan.node(host.name, addresses),
      context,
      log: new ServerLog(clock, logPath(plan, host.name)),
      connection,
      connected: (node) => network.connected(node),
    });
  });
  nodes.forEach((node) => network.add(node));
  made(nodes);
  context.say(`connecting: ${chosen.map(targetOf).join(', ')}`);
  await all(nodes.map((node) => node.boot()));
  context.say(
    `${nodes.length} hosts are ours; ${plan.image.label} is expected to be installed there`,
  );
  context.signal.throwIfAborted();
  await all(nodes.map((node) => node.start()));
  return {
    kind: 'ssh',
    nodes,
    network,
    node: (name) => nodes.find((node) => node.name === name) ?? unknownNode(name, nodes),
  };
}

function logPath({ directory }: ClusterPlan, node: NodeName): string | null {
  return directory === null ? null : join(directory, 'nodes', node, 'server.log');
}

function hostOf(name: NodeName, hosts: readonly SshHost[]): SshHost {
  const host = hosts.find((candidate) => candidate.name === name);
  if (host !== undefined) return host;
  throw new RangeError(
    `no host for node ${name}; there are ${hosts.map((one) => one.name).join(', ')}`,
  );
}

/** Rules and probes are by IPv4 address. */
async function addressOf(host: SshHost): Promise<string> {
  try {
    return (await lookup(host.address, { family: 4 })).address;
  } catch (error) {
    const words = `${host.address} has no IPv4 address: ${(error as Error).message}`;
    throw new SshError('host-unreachable', host.name, words, error);
  }
}

/** Waits for all of them, also when one fails, so that nothing is still being made when the failure is told. */
async function all(works: readonly Promise<void>[]): Promise<void> {
  await Promise.allSettled(works);
  await Promise.all(works);
}

function describe(nodes: readonly SshNode[]): Readonly<Record<string, string>> {
  const tools = nodes.every((node) => node.hello?.tools.includes('iptables-restore') === true);
  return {
    nodes: 'hosts over SSH',
    signals: 'supervisor',
    links: tools ? 'rules in the node' : 'none: a host lacks iptables',
    files: 'inotify in the node',
    volumes: "survive kill, on the host's own disk",
  };
}

function unknownNode(name: NodeName, nodes: readonly SshNode[]): never {
  const known = nodes.map((node) => node.name).join(', ');
  throw new RangeError(`no node ${name}; expected one of ${known}`);
}
