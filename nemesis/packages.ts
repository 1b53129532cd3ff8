/**
 * The packages `--faults` names: kinds that go together, how random steps of them are drawn, their colours.
 *
 * The first kill, pause and crash are of one node each: with all three asked for there is a node for each, while a
 * majority that is paused would let nothing else have its turn.
 */
import type { DrawnStep, NemesisPackage, Selector } from '../harness/nemesis.ts';
import type { Draws } from '../harness/random.ts';
import { crash } from './crash.ts';
import { kill } from './kill.ts';
import { partitions } from './partition.ts';
import { pause } from './pause.ts';

/** How often each selector is drawn, as a list with repeats. */
const ON_PROCESSES: readonly Selector[] = ['one', 'one', 'leader', 'leader', 'majority', 'all'];
const ON_HOSTS: readonly Selector[] = ['one', 'one', 'leader', 'minority'];

/** The first kill comes right after the calm beginning, so that the shortest run has one. */
export const killPackage: NemesisPackage = {
  name: 'kill',
  summary: 'SIGKILL of servers, started again later',
  kinds: [kill],
  colour: '#d9534f',
  draw: (draws) => ({ kind: 'kill', selector: draws.pick(ON_PROCESSES) }),
  first: { kind: 'kill', selector: 'one' },
  firstDelay: [0, 0.1],
};

export const crashPackage: NemesisPackage = {
  name: 'crash',
  summary: 'loss of whole hosts, started again later',
  kinds: [crash],
  colour: '#7a3b9c',
  draw: (draws) => ({ kind: 'crash', selector: draws.pick(ON_HOSTS) }),
  first: { kind: 'crash', selector: 'one' },
  firstDelay: [0.8, 1],
};

export const pausePackage: NemesisPackage = {
  name: 'pause',
  summary: 'SIGSTOP of servers, continued later',
  kinds: [pause],
  colour: '#f0ad4e',
  draw: (draws) => ({ kind: 'pause', selector: draws.pick(ON_PROCESSES.slice(0, -1)) }),
  first: { kind: 'pause', selector: 'one' },
  firstDelay: [0.3, 0.5],
};

/** The first partition isolates the leader, and leaves the first kill's failover time to end before. */
export const partitionPackage: NemesisPackage = {
  name: 'partition',
  summary: 'links cut: halves, one node, the leader, rings of majorities, bridges, one way only',
  kinds: partitions,
  colour: '#337ab7',
  draw: (draws, nodes) => drawPartition(draws, nodes.length),
  first: { kind: 'partition-leader', selector: 'leader' },
  firstDelay: [0.5, 0.7],
};

const PARTITIONS: readonly (DrawnStep & { readonly leastNodes: number })[] = [
  { kind: 'partition-leader', selector: 'leader', leastNodes: 2 },
  { kind: 'partition-leader', selector: 'leader', leastNodes: 2 },
  { kind: 'partition-halves', selector: 'all', leastNodes: 2 },
  { kind: 'partition-one', selector: 'one', leastNodes: 2 },
  { kind: 'partition-one-way', selector: 'leader', leastNodes: 2 },
  { kind: 'partition-one-way', selector: 'one', leastNodes: 2 },
  { kind: 'partition-majorities-ring', selector: 'all', leastNodes: 3 },
  { kind: 'partition-bridge', selector: 'one', leastNodes: 3 },
];

function drawPartition(draws: Draws, nodeCount: number): DrawnStep {
  const { kind, selector } = draws.pick(
    PARTITIONS.filter(({ leastNodes }) => leastNodes <= Math.max(2, nodeCount)),
  );
  return { kind, selector };
}

/** The packages that every testbed can do. */
export const ANYWHERE: readonly NemesisPackage[] = [
  killPackage,
  crashPackage,
  pausePackage,
  partitionPackage,
];
