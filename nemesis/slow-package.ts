/** The package `slow`: links that carry packets, but badly. */
import type { NemesisPackage, Selector } from '../harness/nemesis.ts';
import type { Value } from '../harness/operation.ts';
import type { Draws } from '../harness/random.ts';
import { shapings } from './shaping.ts';

/** How often each selector is drawn, as a list with repeats. */
const ON: readonly Selector[] = ['one', 'leader', 'leader', 'all'];
const DIRECTIONS = ['out', 'in', 'both', 'both'] as const;

/** Slow enough to be felt, and now and then slower than the usual timeouts of a second. */
export const slowPackage: NemesisPackage = {
  name: 'slow',
  summary: 'links that delay, lose, reorder, double or hold back packets, or carry few',
  kinds: shapings,
  colour: '#5f7fa8',
  draw: (draws) => {
    const kind = draws.pick(shapings).kind;
    const selector = draws.pick(ON);
    const direction = draws.pick(DIRECTIONS);
    return { kind, selector, parameters: { direction, ...drawParameters(kind, draws) } };
  },
  first: { kind: 'link-delay', selector: 'leader', parameters: { delayMs: 100 } },
};

function drawParameters(kind: string, draws: Draws): Readonly<Record<string, Value>> {
  switch (kind) {
    case 'link-delay':
      return { delayMs: draws.pick([20, 100, 400, 1500]) };
    case 'link-jitter':
      return draws.pick([
        { delayMs: 20, jitterMs: 15 },
        { delayMs: 150, jitterMs: 140 },
      ]);
    case 'link-loss':
      return { share: draws.pick([0.02, 0.1, 0.3]), burst: draws.pick([1, 1, 5]) };
    case 'link-reorder':
      return { share: draws.pick([0.1, 0.3]), delayMs: draws.pick([5, 50]) };
    case 'link-duplicate':
      return { share: draws.pick([0.1, 0.5]) };
    case 'link-rate':
      return { kilobitsPerSecond: draws.pick([64, 512, 4000]) };
    default:
      return {};
  }
}
