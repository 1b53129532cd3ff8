/** `--faults resources`: processor, memory, processes and open files made scarce. */
import type { NemesisPackage } from '../harness/nemesis.ts';
import { cpuSqueeze, descriptorSqueeze, memorySqueeze, pidsSqueeze } from './squeeze.ts';

export const resourcesPackage: NemesisPackage = {
  name: 'resources',
  summary: 'processor, memory, processes and open files made scarce',
  kinds: [cpuSqueeze, memorySqueeze, pidsSqueeze, descriptorSqueeze],
  colour: '#5f8f5a',
  draw: (draws) => ({
    kind: draws.pick([cpuSqueeze, cpuSqueeze, memorySqueeze, pidsSqueeze, descriptorSqueeze]).kind,
    selector: draws.pick(['one', 'one', 'leader', 'majority'] as const),
  }),
  first: { kind: cpuSqueeze.kind, selector: 'leader' },
};
