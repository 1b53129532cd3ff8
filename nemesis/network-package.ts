/** The package `network`: what can be done to links beyond whole partitions. */
import type { DrawnStep, Fault, NemesisPackage } from '../harness/nemesis.ts';
import { dropCall } from './drop-call.ts';
import { linkFault } from './link-fault.ts';
import { morePartitions } from './partition.ts';
import { RULE_KINDS } from './rule-kinds.ts';
import { someClients } from './some-clients.ts';
import { swizzle } from './swizzle.ts';
import { cablePull, connectionKill } from './wires.ts';

const kinds: readonly Fault[] = [
  ...morePartitions,
  linkFault(swizzle),
  ...RULE_KINDS.map(linkFault),
  linkFault(someClients),
  linkFault(dropCall),
  connectionKill,
  cablePull,
];

/** How often each is drawn, as a list with repeats. Not drawn: what must be told more (groups, a call). */
const DRAWN: readonly DrawnStep[] = [
  { kind: 'partition-swizzle', selector: 'all' },
  { kind: 'partition-swizzle', selector: 'all' },
  { kind: 'partition-random-graph', selector: 'all' },
  { kind: 'partition-minority-third', selector: 'all' },
  { kind: 'partition-connections', selector: 'one' },
  { kind: 'partition-connections', selector: 'leader' },
  { kind: 'partition-reject', selector: 'one' },
  { kind: 'partition-reject', selector: 'leader' },
  { kind: 'partition-reject', selector: 'one', parameters: { answer: 'unreachable' } },
  { kind: 'partition-port', selector: 'one' },
  { kind: 'partition-port', selector: 'leader' },
  { kind: 'partition-clients', selector: 'one' },
  { kind: 'partition-clients', selector: 'leader' },
  { kind: 'partition-some-clients', selector: 'all' },
  { kind: 'partition-some-clients', selector: 'leader' },
  { kind: 'dns', selector: 'all' },
  { kind: 'connection-kill', selector: 'all' },
  { kind: 'connection-kill', selector: 'leader' },
  { kind: 'cable-pull', selector: 'one' },
];

export const networkPackage: NemesisPackage = {
  name: 'network',
  summary:
    'links degraded: swizzled, refused, one way for connections, by port, by clients, names, cables',
  kinds,
  colour: '#2a9d8f',
  draw: (draws) => draws.pick(DRAWN),
  first: { kind: 'partition-swizzle', selector: 'all' },
};
