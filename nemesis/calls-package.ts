/** The package `calls`: system calls that fail or take long. */
import type { NemesisPackage } from '../harness/nemesis.ts';
import { fsyncLying, fsyncSlow, ioError, ioSlow } from './calls.ts';

/**
 * Calls that only files have. write(2) is also how threads of a server wake each other (eventfd, pipes), which no full or
 * broken disk ever makes fail: a server may then sleep for ever.
 */
const OF_FILES = 'fsync,fdatasync,pwrite64,pwritev';

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
      const parameters = { calls: OF_FILES, error, every: 1 + draws.below(5) };
      return { kind: 'io-error', selector, parameters };
    }
    const selector = draws.pick(['one', 'one', 'leader', 'majority', 'all'] as const);
    return { kind: 'fsync-slow', selector, parameters: { delayMs: 2 ** (2 + draws.below(8)) } };
  },
  first: { kind: 'fsync-slow', selector: 'one' },
  firstDelay: [0.2, 0.4],
};
