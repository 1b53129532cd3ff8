/** Servers that end and come back at once: all together, one after another, or again and again. */
import type { Fault, FaultContext } from '../harness/nemesis.ts';
import { MILLISECOND } from '../harness/operation.ts';
import type { Node } from '../harness/testbed.ts';
import { resolveNodes } from './selector.ts';
import { numberForm, numberOf } from './parameters.ts';
import { ArmedRolling, type RollingAct } from './rolling.ts';

const ABOUT = {
  needs: "nothing beyond the node's supervisor",
  verified: 'another incarnation of each server, what the testbed tells of it, and that it serves',
  healed: "what was begun is brought to its end; by the node's supervisor when the harness is gone",
} as const;
const LOOP_FORMS = {
  times: numberForm('how often it is killed', 3, 1, 100),
  upMs: numberForm('milliseconds that it runs in between', 300, 1, 60_000),
};

/** `restart` */
export const restart: Fault = {
  kind: 'restart',
  summary: 'SIGKILL of servers, started again at once',
  selectors: ['one', 'minority', 'majority', 'all', 'leader', 'followers'],
  parameters: {},
  about: { ...ABOUT, peers: 'Jepsen, Pumba, Chaos Mesh (containers)' },
  unavailable: () => null,
  resolve: (context) => resolveNodes(context, ['process']),
  prepare: async (context, { nodes }) =>
    new ArmedRolling(context, nodes, { ...startsAgain(nodes), act: killAndStart, oneByOne: false }),
};

/** `rolling-restart` */
export const rollingRestart: Fault = {
  kind: 'rolling-restart',
  summary:
    'one server after another is killed and started; each serves before the next has its turn',
  selectors: ['all', 'majority', 'minority', 'followers'],
  parameters: {},
  about: { ...ABOUT, peers: 'ours' },
  unavailable: () => null,
  resolve: (context) => resolveNodes(context, ['process']),
  prepare: async (context, { nodes }) =>
    new ArmedRolling(context, nodes, { ...startsAgain(nodes), act: killAndStart }),
};

/** `crash-loop` */
export const crashLoop: Fault = {
  kind: 'crash-loop',
  summary: 'a server is killed each time it has come up, so many times',
  selectors: ['one', 'leader', 'followers', 'minority', 'majority', 'all'],
  parameters: LOOP_FORMS,
  about: { ...ABOUT, peers: 'Chaos Mesh (container kill, by repetition)' },
  unavailable: () => null,
  resolve: (context) => resolveNodes(context, ['process']),
  prepare: async (context, { nodes }) =>
    new ArmedRolling(context, nodes, {
      ...startsAgain(nodes),
      act: (node) => loop(node, context),
      oneByOne: false,
    }),
};

function startsAgain(nodes: readonly string[]): Pick<RollingAct, 'undo'> {
  return { undo: nodes.map((node) => ({ act: 'start', node })) };
}

async function killAndStart(node: Node): Promise<void> {
  await node.kill();
  await node.start();
}

async function loop(node: Node, { step, clock }: FaultContext): Promise<void> {
  const times = numberOf(step, LOOP_FORMS, 'times');
  const up = numberOf(step, LOOP_FORMS, 'upMs') * MILLISECOND;
  for (let round = 1; round <= times; round++) {
    await killAndStart(node);
    if (round < times) await clock.sleep(up);
  }
}
