/**
 * How a node's dials to its peers come to its own proxies, without the node being told: destination NAT in its own
 * network namespace, in an own chain. What the proxies themselves dial passes, and what the supervisor dials to try a
 * link (both by their user). Docker's own rules, which make its name server work, are in other chains of the table.
 */
import type { NodeName } from '../../../operation.ts';

/** User of the proxies' process, and of dials that are not to be proxied. */
export const PROXY_USER = 7474;
/** Where the proxies' server is driven. */
export const PROXY_API_PORT = 8474;

/**
 * Not one of the chains that undoing a fault empties (FL-...): a proxy without toxics is no fault, and stays, unless
 * nothing but giving it up takes its toxics away.
 */
export const PROXY_CHAIN = 'FAULTLINE-PROXY';
const FIRST_PROXY_PORT = 18_001;

/** One proxy of a node: for what it dials to one port of one peer. */
export interface ProxyPlan {
  /** `n1-n2-2380`: n1 dials n2. */
  readonly name: string;
  readonly peer: NodeName;
  readonly address: string;
  readonly port: number;
  /** On the node's loopback. */
  readonly listenPort: number;
}

/** A proxy for every port of every other node. */
export function proxyPlans(
  node: NodeName,
  addresses: ReadonlyMap<NodeName, string>,
  ports: readonly number[],
): readonly ProxyPlan[] {
  const peers = [...addresses].filter(([name]) => name !== node);
  return peers.flatMap(([peer, address], which) =>
    ports.map((port, index) => ({
      name: `${node}-${peer}-${port}`,
      ...{ peer, address, port },
      listenPort: FIRST_PROXY_PORT + which * ports.length + index,
    })),
  );
}

/** For `iptables-restore --noflush`, in a namespace that has no such chain yet. */
export function installProxyRules(plans: readonly ProxyPlan[]): string {
  const rules = plans.map(
    ({ address, port, listenPort }) =>
      `-A ${PROXY_CHAIN} -d ${address}/32 -p tcp -m tcp --dport ${port} -j DNAT --to-destination 127.0.0.1:${listenPort}`,
  );
  return [
    '*nat',
    `:${PROXY_CHAIN} - [0:0]`,
    `-A ${PROXY_CHAIN} -m owner --uid-owner ${PROXY_USER} -j RETURN`,
    ...rules,
    `-I OUTPUT 1 -j ${PROXY_CHAIN}`,
    'COMMIT',
    '',
  ].join('\n');
}

/** Shell: takes them away, and needs none to be there. */
export const REMOVE_PROXY_RULES = [
  `if iptables -w -t nat -n -L ${PROXY_CHAIN} >/dev/null 2>&1`,
  `then iptables -w -t nat -D OUTPUT -j ${PROXY_CHAIN}`,
  `iptables -w -t nat -F ${PROXY_CHAIN} && iptables -w -t nat -X ${PROXY_CHAIN}`,
  'fi',
].join('; ');

/** Connections that came to each proxy, by its port, from `iptables-save -c -t nat`. */
export function parseProxied(saved: string): ReadonlyMap<number, number> {
  const rule = new RegExp(
    `^\\[(\\d+):\\d+\\] -A ${PROXY_CHAIN} .*--to-destination 127.0.0.1:(\\d+)`,
  );
  const found = saved.split('\n').flatMap((line): [number, number][] => {
    const [, packets, port] = rule.exec(line) ?? [];
    return port === undefined ? [] : [[Number(port), Number(packets)]];
  });
  return new Map(found);
}
