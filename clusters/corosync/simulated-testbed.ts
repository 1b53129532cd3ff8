/** The simulated testbed with a process group below its nodes. */
import type { Testbed } from '../../harness/testbed.ts';
import { seededRandom } from '../../harness/random.ts';
import { simulatedTestbed } from '../../harness/testbeds/simulated/testbed.ts';
import { SimulatedGroup } from './simulated-group.ts';
import { SimulatedJoinNode } from './simulated-node.ts';

/** One cluster at a time, as `simulatedTestbed`; its group hears of faults by the events that the testbed tells. */
export function simulatedGroupTestbed(): Testbed {
  let group: SimulatedGroup | null = null;
  const inner = simulatedTestbed<never>({
    model: {
      name: 'sheepdog-join',
      create: (io) => {
        if (group === null) throw new Error('a node was made before its group');
        return new SimulatedJoinNode(io, group);
      },
    },
  });
  return {
    kind: 'simulated',
    capabilities: { ...inner.capabilities, group: 'a simulated process group, by rings of hosts' },
    up: (plan, context) => {
      const { clock } = context;
      const draws = seededRandom(plan.seed).sequence('process group');
      const made = new SimulatedGroup({ nodes: plan.nodes, clock, draws });
      group = made;
      return inner.up(plan, {
        ...context,
        events: (event) => {
          made.hear(event);
          context.events(event);
        },
      });
    },
    down: () => inner.down(),
  };
}
