/** The package `disk`: what a volume can do that no system may lose acknowledged data by. */
import type { NemesisPackage } from '../harness/nemesis.ts';
import {
  diskFull,
  diskHung,
  diskLost,
  diskReadOnly,
  diskSlow,
  fileTruncate,
  powerLoss,
} from './disk.ts';

const DRAWN = ['power-loss', 'power-loss', 'power-loss', 'disk-hung', 'disk-slow'] as const;
/** Servers end by themselves when they cannot write, so a majority is spared. */
const OF_FEW = ['disk-full', 'disk-read-only'] as const;

/** Lost volumes and truncated files are written by hand only: a system is entitled to lose data by them. */
export const diskPackage: NemesisPackage = {
  name: 'disk',
  summary: 'power loss, no space, hung, slow and read-only disks',
  kinds: [powerLoss, diskFull, diskHung, diskReadOnly, diskSlow, diskLost, fileTruncate],
  colour: '#8a6d3b',
  draw: (draws) => {
    const kind = draws.pick([...DRAWN, ...OF_FEW]);
    if (kind === 'disk-full' || kind === 'disk-read-only')
      return { kind, selector: draws.pick(['one', 'minority', 'leader']) };
    const selector = draws.pick(['one', 'one', 'leader', 'majority', 'all'] as const);
    if (kind !== 'disk-slow') return { kind, selector };
    return { kind, selector, parameters: { bytesPerSecond: 2 ** (15 + draws.below(6)) } };
  },
  first: { kind: 'power-loss', selector: 'one' },
  firstDelay: [0.2, 0.4],
};
