/**
 * Toxics: what Toxiproxy does to the TCP connections between nodes, on links named by the direction in which data
 * flows. Data from A to B travels on connections that A dialled (there it goes upstream) and on those that B dialled
 * (there it comes downstream, as the answer): a toxic on A->B is put on both, whoever dialled.
 *
 * A proxy does what TCP lets it: what it delays or holds holds up all behind it in that direction, and what it drops
 * comes to the end of the connection. It ends both halves of a connection together, so that `toxic-down`,
 * `toxic-reset-peer` and `toxic-limit-data` end the other direction too. It changes no bytes: nothing is forged.
 */
import type { ProxiedStream, Toxic } from '../harness/means/proxies.ts';
import { Lack, lackOf, meansOf } from '../harness/means.ts';
import type { Armed, Fault, FaultContext, ParameterForm, Targets } from '../harness/nemesis.ts';
import type { NodeName } from '../harness/operation.ts';
import type { FaultStep } from '../harness/nemesis.ts';
import type { Link } from '../harness/testbed.ts';
import { armAll } from './armed-together.ts';
import { numberForm, numberOf } from './parameters.ts';
import { chosenLinks, LINK_FORMS, resolveLinks } from './shaped-links.ts';

type Forms = Readonly<Record<string, ParameterForm>>;

interface ToxicKind {
  readonly kind: string;
  readonly summary: string;
  readonly forms: Forms;
  readonly toxic: (number: (name: string) => number) => Toxic;
}

const SELECTORS: Fault['selectors'] = ['one', 'leader', 'all', 'minority', 'majority', 'followers'];
const MOST_MS = 60_000;
const TOXICITY: Forms = {
  toxicity: numberForm(
    'share of connections that get it, drawn by the proxy as each begins (not from the seed)',
    1,
    0,
    1,
  ),
};

const KINDS: readonly ToxicKind[] = [
  {
    kind: 'toxic-latency',
    summary: 'data comes later (parameters: latencyMs, jitterMs, links, direction)',
    forms: {
      latencyMs: numberForm('how much later data comes, in ms', 100, 0, MOST_MS),
      jitterMs: numberForm('how far the latency strays to either side, in ms', 0, 0, MOST_MS),
    },
    toxic: (number) => ({
      type: 'latency',
      latency: number('latencyMs'),
      jitter: number('jitterMs'),
    }),
  },
  {
    kind: 'toxic-bandwidth',
    summary: 'each connection carries so much and no more (parameter: kilobytesPerSecond)',
    forms: { kilobytesPerSecond: numberForm('rate of each connection, in KB/s', 50, 1, 1_000_000) },
    toxic: (number) => ({ type: 'bandwidth', rate: number('kilobytesPerSecond') }),
  },
  {
    kind: 'toxic-slow-close',
    summary: 'the end of a connection is passed on late (parameter: delayMs)',
    forms: { delayMs: numberForm('how late, in ms', 1000, 0, MOST_MS) },
    toxic: (number) => ({ type: 'slow_close', delay: number('delayMs') }),
  },
  {
    kind: 'toxic-timeout',
    summary: 'data is swallowed, and the connection closed later (parameter: timeoutMs)',
    forms: {
      timeoutMs: numberForm('when it is closed, in ms; 0: when healed', 0, 0, MOST_MS),
    },
    toxic: (number) => ({ type: 'timeout', timeout: number('timeoutMs') }),
  },
  {
    kind: 'toxic-reset-peer',
    summary: 'connections are reset with the next data (parameter: timeoutMs)',
    forms: { timeoutMs: numberForm('how long after the data, in ms', 0, 0, MOST_MS) },
    toxic: (number) => ({ type: 'reset_peer', timeout: number('timeoutMs') }),
  },
  {
    kind: 'toxic-slicer',
    summary: 'data comes in small pieces (parameters: bytes, variation, delayMicros)',
    forms: {
      bytes: numberForm('mean size of a piece, in bytes', 64, 1, 1_000_000),
      variation: numberForm('how far sizes stray, in bytes; less than the mean', 32, 0, 1_000_000),
      delayMicros: numberForm('pause between pieces, in microseconds', 1000, 0, 1_000_000),
    },
    toxic: (number) => ({
      type: 'slicer',
      average_size: number('bytes'),
      size_variation: Math.min(number('variation'), number('bytes') - 1),
      delay: number('delayMicros'),
    }),
  },
  {
    kind: 'toxic-limit-data',
    summary: 'each connection is closed after so much data (parameter: bytes)',
    forms: { bytes: numberForm('data of each connection, in bytes', 65_536, 0, 1e12) },
    toxic: (number) => ({ type: 'limit_data', bytes: number('bytes') }),
  },
  {
    kind: 'toxic-down',
    summary: 'connections end and new ones are refused, in both directions',
    forms: {},
    toxic: () => ({ type: 'down' }),
  },
];

/** The kinds of toxics. */
export const toxics: readonly Fault[] = KINDS.map(toxic);

function toxic({ kind, summary, forms, toxic: toxicOf }: ToxicKind): Fault {
  const parameters = { ...LINK_FORMS, ...forms, ...(kind === 'toxic-down' ? {} : TOXICITY) };
  return {
    kind,
    summary,
    about: {
      needs:
        'the cluster brought up with proxies (a sidecar with Toxiproxy 2.12 beside each node); TCP only: what is late or held back holds up all behind it, what is dropped ends the connection',
      verified:
        'the proxies’ state read back; dials of the node brought to the proxies (counted by the kernel) and what they meet there',
      healed:
        'through the proxies’ API by whoever heals, from inside their container where it is not reached; they end with the run',
      peers: 'Toxiproxy',
    },
    parameters,
    needs: ['proxies'],
    selectors: SELECTORS,
    unavailable: (cluster) =>
      cluster.nodes.length < 2
        ? 'a link has two ends, and there is one node'
        : lackOf(cluster, 'proxies'),
    resolve: resolveLinks,
    prepare: (context, targets) =>
      prepare(
        context,
        targets,
        toxicOf((name) => numberOf(context.step, parameters, name)),
        toxicityOf(context.step, parameters),
      ),
  };
}

function toxicityOf(step: FaultStep, parameters: Forms): number {
  return parameters['toxicity'] === undefined ? 1 : numberOf(step, parameters, 'toxicity');
}

async function prepare(
  context: FaultContext,
  targets: Targets,
  toxic: Toxic,
  toxicity: number,
): Promise<Armed> {
  const streams = streamsOf(chosenLinks(targets, context));
  return armAll(
    [...streams].map(async ([node, ofNode]) => {
      const means = meansOf(context.cluster.node(node), 'proxies');
      if (means instanceof Lack) throw new Error(means.reason);
      return means.toxic(ofNode, toxic, toxicity);
    }),
  );
}

/** By the node whose proxies carry them: each link is one stream at each of its ends. */
export function streamsOf(links: readonly Link[]): ReadonlyMap<NodeName, readonly ProxiedStream[]> {
  const byNode = new Map<NodeName, ProxiedStream[]>();
  const add = (node: NodeName, stream: ProxiedStream): void => {
    byNode.set(node, [...(byNode.get(node) ?? []), stream]);
  };
  for (const { from, to } of links) {
    add(from, { peer: to, stream: 'upstream' });
    add(to, { peer: from, stream: 'downstream' });
  }
  return byNode;
}
