/** The package `calls`: system calls that fail or take long. */
import type { NemesisPackage } from '../harness/nemesis.ts';
import { fsyncLying, fsyncSlow, ioError, ioSlow } from './calls.ts';

/** Syncs that lie are written by hand only: no system keeps what it was lied to about. Nor is a file named here. */
export const callsPackage: NemesisPackage = {
  name: 'calls',
  summary: 'system calls of the server that fail or take long, syncs that lie',
  kinds: [ioError, ioSlow, fsyncSlow, fsyncLying],
  colour: '#6f42c1',
  draw: (draws) => {
    if (draws.below(3) === 0) {
      const error = draws.pick(['EIO', 'ENOSPC']);
      const selector = draws.pick(['one', 'minority', 'leader'] as const);
      return { kind: 'io-error', selector, parameters: { error, every: 1 + draws.below(5) } };
    }
    const selector = draws.pick(['one', 'one', 'leader', 'majority', 'all'] as const);
    return { kind: 'fsync-slow', selector, parameters: { delayMs: 2 ** (2 + draws.below(8)) } };
  },
  first: { kind: 'fsync-slow', selector: 'one' },
  firstDelay: [0.2, 0.4],
};
