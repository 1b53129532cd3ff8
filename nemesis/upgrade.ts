/** Servers replaced by another version on the same data and address, one after another, under load. */
import type { Fault, FaultContext, Observation, Targets } from '../harness/nemesis.ts';
import { Lack, lackOf, meansOf } from '../harness/means.ts';
import type { NodeVersions } from '../harness/means/versions.ts';
import type { FaultStep } from '../harness/nemesis.ts';
import type { NodeName } from '../harness/operation.ts';
import type { UndoAct } from '../harness/undo.ts';
import type { Cluster, Node } from '../harness/testbed.ts';
import { resolveNodes } from './selector.ts';
import { textForm, textOf } from './parameters.ts';
import { ArmedRolling } from './rolling.ts';

const FORMS = { version: textForm('the version to run from then on, newer or older', null) };

/** `upgrade`: what ran before is not brought back; a step the other way does that, where the system can. */
export const upgrade: Fault = {
  kind: 'upgrade',
  summary:
    'one node after another runs another version, newer or older, on the same data; each serves before the next',
  selectors: ['all', 'one', 'minority', 'majority', 'leader', 'followers'],
  parameters: FORMS,
  about: {
    needs: "the other version's image, which is made at bring-up; a system that allows it",
    verified:
      "the image of the node's container, another incarnation of its server, and that it serves",
    healed:
      'what was begun is brought to its end; a version is left as it is, and never brought back',
    peers: "etcd's own end-to-end tests (not under a checker); no library of faults",
  },
  unavailable: (cluster) => lackOf(cluster, 'versions'),
  resolve: resolveUpgrade,
  prepare: async (context, { nodes }) => {
    const version = textOf(context.step, FORMS, 'version');
    return new ArmedRolling(context, nodes, {
      undo: nodes.flatMap((node) => [{ act: 'start', node }, leftAsItIs(context, node, version)]),
      before: async () => context.allowVersion?.(version),
      act: (node) => versionsOf(context.cluster, node.name).replace(version),
      seen: (node) => seeVersion(node, version),
    });
  },
};

/** The versions that a schedule replaces nodes by: to be made ready at bring-up. Each once. */
export function versionsIn(schedule: readonly FaultStep[]): readonly string[] {
  const named = schedule
    .filter(({ kind }) => kind === upgrade.kind)
    .map(({ parameters }) => parameters?.['version'])
    .filter((version) => typeof version === 'string');
  return [...new Set(named)];
}

async function resolveUpgrade(context: FaultContext): Promise<Targets | null> {
  const targets = await resolveNodes(context, ['process', 'disk']);
  if (targets === null) return null;
  return { ...targets, detail: { version: textOf(context.step, FORMS, 'version') } };
}

function leftAsItIs({ cluster }: FaultContext, node: NodeName, version: string): UndoAct {
  const what = `${node} was being replaced by version ${version}, which cannot be undone`;
  return { act: 'by-hand', node, what, command: versionsOf(cluster, node).byHand };
}

function versionsOf(cluster: Cluster, name: NodeName): NodeVersions {
  const found = meansOf(cluster.node(name), 'versions');
  if (found instanceof Lack) throw new Error(found.reason);
  return found;
}

async function seeVersion(node: Node, version: string): Promise<Observation> {
  const found = meansOf(node, 'versions');
  const seen = found instanceof Lack ? found.reason : await found.running();
  return { means: `image of ${node.name}`, seen, confirms: seen.includes(`-${version}:`) };
}
