/** Clients here, faults there. */
import type { Generator, GeneratorLike } from '../generator.ts';
import { any } from './any.ts';
import { onThreads } from './on-threads.ts';
import { toGenerator } from './to-generator.ts';

const NO_THREAD = { has: (): boolean => false };

/**
 * Operations of clients; with a second argument, `faults` beside them. Jepsen's `clients`. Every thread here is a
 * client's (fault lanes are no threads), so that alone it is its generator.
 */
export function clients(generator: GeneratorLike, faults?: GeneratorLike): Generator {
  return faults === undefined ? toGenerator(generator) : any([nemesis(faults), generator]);
}

/**
 * Fault steps; with a second argument, client operations beside them. Jepsen's `nemesis`. It sees no client thread: an
 * operation generated in it is an error, not a wait for ever.
 */
export function nemesis(faults: GeneratorLike, generator?: GeneratorLike): Generator {
  const alone = onThreads(NO_THREAD, faults);
  return generator === undefined ? alone : any([alone, generator]);
}
