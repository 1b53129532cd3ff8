/** etcd's members changed while it runs: the cluster API of the JSON gateway (etcd.io/docs/v3.5/op-guide/runtime-configuration). */
import type { Member, Membership } from '../../harness/membership.ts';
import type { NodeName } from '../../harness/operation.ts';
import { type Cluster, everyNode } from '../../harness/testbed.ts';
import { CLIENT_PORT } from './client/gateway.ts';
import { withGateway } from './members.ts';

export const PEER_PORT = 2380;
export const DATA = '/data';

/** Where a member is reached by the others. */
export function peerUrl(address: string): string {
  return `http://${address}:${PEER_PORT}`;
}

interface MemberList {
  readonly members?: readonly { readonly ID?: string; readonly peerURLs?: readonly string[] }[];
}

/** etcd itself refuses a change that would lose the quorum (`--strict-reconfig-check`, on by default). */
export const etcdMembership: Membership = {
  async members(cluster, by, signal) {
    const path = '/v3/cluster/member/list';
    const { members = [] } = await ask<MemberList>(
      cluster,
      by,
      path,
      { linearizable: true },
      signal,
    );
    return members.flatMap(({ ID: id = '0', peerURLs = [] }): Member[] => {
      // Not by name: one that was let in and has not started yet has none.
      const node = everyNode(cluster).find(({ address }) => peerURLs.includes(peerUrl(address)));
      return node === undefined ? [] : [{ node: node.name, id }];
    });
  },
  async remove(cluster, { id }, by, signal) {
    await ask(cluster, by, '/v3/cluster/member/remove', { ID: id }, signal);
  },
  async add(cluster, node, by, signal) {
    const peerURLs = [peerUrl(cluster.node(node).address)];
    await ask(cluster, by, '/v3/cluster/member/add', { peerURLs }, signal);
  },
  async clear(machine) {
    const { code, stderr } = await machine.exec(['rm', '-rf', `${DATA}/etcd`]);
    if (code !== 0) throw new Error(`${machine.name}: its data stay: ${stderr.trim()}`);
  },
  joining: (cluster, _node, members) => {
    const urls = members.map(({ node }) => `${node}=${peerUrl(cluster.node(node).address)}`);
    const flags: Readonly<Record<string, string>> = {
      'initial-cluster-state': 'existing',
      'initial-cluster': urls.join(','),
    };
    return (command) => command.map((argument) => changed(argument, flags));
  },
  byHand: (cluster, node) => {
    const body = JSON.stringify({ peerURLs: [peerUrl(cluster.node(node).address)] });
    return (
      `curl -d '${body}' ${apiOf(cluster, node)}/add; then start ${node} ` +
      'without data and with --initial-cluster-state=existing'
    );
  },
  byHandOut: (cluster, node) => {
    const api = apiOf(cluster, node);
    return `curl -d '{}' ${api}/list tells the ID of ${node}; curl -d '{"ID": "…"}' ${api}/remove; then end ${node}`;
  },
};

/** Where another member answers. */
function apiOf(cluster: Cluster, node: NodeName): string {
  const other = cluster.nodes.find(({ name }) => name !== node) ?? cluster.node(node);
  return `http://${other.address}:${CLIENT_PORT}/v3/cluster/member`;
}

/** An argument with the value that its flag is to have. */
function changed(argument: string, flags: Readonly<Record<string, string>>): string {
  const name = /^--([a-z-]+)=/.exec(argument)?.[1];
  const value = name === undefined ? undefined : flags[name];
  return value === undefined ? argument : `--${name}=${value}`;
}

function ask<Answer>(
  cluster: Cluster,
  by: NodeName,
  path: string,
  body: object,
  signal: AbortSignal,
): Promise<Answer> {
  const { address } = cluster.node(by);
  return withGateway(address, signal, (gateway) => gateway.post<Answer>(path, body));
}
