/**
 * Links that still carry packets, but late, not all, in another order, twice, held back or slowly. The sender does it,
 * so each direction of a link is its own.
 *
 * On TCP the transport hides what it can: a lost packet is sent again (later), one that is late holds up all behind it,
 * a copy is thrown away, and what is held back comes whole and in order when it is let go. UDP shows all of it.
 */
import type { Shape } from '../harness/means/shaping.ts';
import { Lack, meansOf } from '../harness/means.ts';
import type {
  Armed,
  Fault,
  FaultAbout,
  FaultContext,
  FaultStep,
  ParameterForm,
  Targets,
} from '../harness/nemesis.ts';
import type { NodeName } from '../harness/operation.ts';
import type { Cluster } from '../harness/testbed.ts';
import { armAll } from './armed-together.ts';
import { numberForm, numberOf } from './parameters.ts';
import { drawsOf } from './selector.ts';
import { chosenLinks, LINK_FORMS, resolveLinks } from './shaped-links.ts';

type Forms = Readonly<Record<string, ParameterForm>>;

interface ShapeKind {
  readonly kind: string;
  readonly summary: string;
  readonly shape: Shape['kind'];
  readonly forms: Forms;
  readonly of: (step: FaultStep, forms: Forms) => Shape;
  readonly peers: string;
}

const SELECTORS: Fault['selectors'] = ['one', 'leader', 'all', 'minority', 'majority', 'followers'];
const MOST_MS = 60_000;
const BY_KERNEL_OR_AGENT =
  'netem where the kernel has it, else NFQUEUE (perl and iptables in the node, NET_ADMIN)';
const delayForm = (fallback: number): ParameterForm =>
  numberForm('how much later packets come, in ms', fallback, 1, MOST_MS);
const shareForm = (what: string, fallback: number): ParameterForm =>
  numberForm(`share of packets that ${what}, from 0.001 to 1`, fallback, 0.001, 1);

const KINDS: readonly ShapeKind[] = [
  {
    kind: 'link-delay',
    summary: 'packets come later, all by the same time (parameters: delayMs, links, direction)',
    shape: 'delay',
    forms: { delayMs: delayForm(100) },
    of: (step, forms) => ({
      kind: 'delay',
      delayMs: numberOf(step, forms, 'delayMs'),
      jitterMs: 0,
    }),
    peers: 'Pumba, Chaos Mesh, Blockade, Toxiproxy (TCP only)',
  },
  {
    kind: 'link-jitter',
    summary: 'packets come later, by a time that changes (parameters: delayMs, jitterMs)',
    shape: 'delay',
    forms: {
      delayMs: delayForm(50),
      jitterMs: numberForm('how far the delay strays to either side, in ms', 40, 1, MOST_MS),
    },
    of: (step, forms) => ({
      kind: 'delay',
      delayMs: numberOf(step, forms, 'delayMs'),
      jitterMs: numberOf(step, forms, 'jitterMs'),
    }),
    peers: 'Pumba, Chaos Mesh, Toxiproxy (TCP only); none from a seed',
  },
  {
    kind: 'link-loss',
    summary: 'some packets are lost, one by one or in bursts (parameters: share, burst)',
    shape: 'loss',
    forms: {
      share: shareForm('are lost', 0.2),
      burst: numberForm('mean length of a run of losses, in packets', 1, 1, 1000),
    },
    of: (step, forms) => ({
      kind: 'loss',
      share: numberOf(step, forms, 'share'),
      burst: numberOf(step, forms, 'burst'),
    }),
    peers: 'Pumba, Chaos Mesh, Blockade; none from a seed',
  },
  {
    kind: 'link-reorder',
    summary: 'some packets are overtaken by those behind them (parameters: share, delayMs)',
    shape: 'reorder',
    forms: { share: shareForm('are late', 0.2), delayMs: delayForm(20) },
    of: (step, forms) => ({
      kind: 'reorder',
      share: numberOf(step, forms, 'share'),
      delayMs: numberOf(step, forms, 'delayMs'),
    }),
    peers: 'Chaos Mesh; none from a seed',
  },
  {
    kind: 'link-duplicate',
    summary: 'some packets come twice (parameter: share); TCP throws the copies away',
    shape: 'duplicate',
    forms: { share: shareForm('come twice', 0.3) },
    of: (step, forms) => ({ kind: 'duplicate', share: numberOf(step, forms, 'share') }),
    peers: 'Pumba, Chaos Mesh; none from a seed',
  },
  {
    kind: 'link-hold',
    summary: 'packets are held back, and come all and in order when it is healed',
    shape: 'hold',
    forms: {},
    of: () => ({ kind: 'hold' }),
    peers: 'Antithesis',
  },
  {
    kind: 'link-rate',
    summary: 'the link carries so much and no more (parameter: kilobitsPerSecond)',
    shape: 'rate',
    forms: {
      kilobitsPerSecond: numberForm('rate of each link, in kbit/s', 1000, 16, 10_000_000),
    },
    of: (step, forms) => ({
      kind: 'rate',
      kilobitsPerSecond: numberOf(step, forms, 'kilobitsPerSecond'),
    }),
    peers: 'Pumba, Chaos Mesh, Toxiproxy (TCP only)',
  },
];

/** The kinds of shaped links. */
export const shapings: readonly Fault[] = KINDS.map(shaping);

function shaping(kind: ShapeKind): Fault {
  const parameters = { ...LINK_FORMS, ...kind.forms };
  return {
    kind: kind.kind,
    summary: kind.summary,
    about: aboutOf(kind),
    parameters,
    selectors: SELECTORS,
    unavailable: (cluster) => lackOfKind(cluster, kind.shape),
    resolve: resolveLinks,
    prepare: (context, targets) => prepare(context, targets, kind.of(context.step, parameters)),
  };
}

function lackOfKind(cluster: Cluster, shape: Shape['kind']): string | null {
  if (cluster.nodes.length < 2) return 'a link has two ends, and there is one node';
  for (const node of cluster.nodes) {
    const means = meansOf(node, 'shaping');
    const lack = means instanceof Lack ? means.reason : means.lack(shape);
    if (lack !== null) return lack;
  }
  return null;
}

async function prepare(context: FaultContext, targets: Targets, shape: Shape): Promise<Armed> {
  const links = chosenLinks(targets, context);
  const draws = drawsOf(context);
  const senders = [...new Set(links.map(({ from }) => from))];
  const seeds = new Map(senders.map((sender) => [sender, draws.below(0x40000000)]));
  const arm = async (sender: NodeName): Promise<Armed> => {
    const means = meansOf(context.cluster.node(sender), 'shaping');
    if (means instanceof Lack) throw new Error(means.reason);
    const to = links
      .filter(({ from }) => from === sender)
      .map((link) => ({ name: link.to, address: context.cluster.node(link.to).address }));
    return means.shape({ to, shape, seed: seeds.get(sender) ?? 0 });
  };
  return armAll(senders.map(arm));
}

function aboutOf({ shape, peers }: ShapeKind): FaultAbout {
  const needs: Readonly<Record<Shape['kind'], string>> = {
    delay: BY_KERNEL_OR_AGENT,
    loss: BY_KERNEL_OR_AGENT,
    reorder: BY_KERNEL_OR_AGENT,
    duplicate: BY_KERNEL_OR_AGENT,
    hold: 'NFQUEUE (perl and iptables in the node, NET_ADMIN)',
    rate: 'tc with htb (iproute2 in the node, NET_ADMIN)',
  };
  return {
    needs: needs[shape],
    verified:
      'echo requests over the link, timed and counted; packets counted by the rules or classes; the agent’s own counts',
    healed:
      'the agent gives back what it holds, in order, and removes its rules; it does the same when the harness dies, and when the agent dies the kernel lets everything pass; own rules and disciplines are removed',
    peers,
  };
}
