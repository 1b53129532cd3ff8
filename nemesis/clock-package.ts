/** The package `clock`. */
import type { NemesisPackage } from '../harness/nemesis.ts';
import type { Draws } from '../harness/random.ts';
import { clockDrift, clockJump, clockStrobe } from './clock.ts';

const SELECTORS = ['one', 'one', 'minority', 'majority', 'leader', 'all'] as const;

export const clockPackage: NemesisPackage = {
  name: 'clock',
  summary: 'wall clocks that jump, strobe or drift; the monotonic ones stay right',
  kinds: [clockJump, clockStrobe, clockDrift],
  colour: '#17a2b8',
  draw: (draws) => {
    const selector = draws.pick(SELECTORS);
    const kind = draws.pick(['clock-jump', 'clock-jump', 'clock-strobe', 'clock-drift']);
    if (kind === 'clock-drift') {
      return {
        kind,
        selector,
        parameters: { rate: draws.pick([0.5, 0.9, 0.99, 1.01, 1.1, 2, 5]) },
      };
    }
    const byMs = drawOffset(draws);
    if (kind === 'clock-jump') return { kind, selector, parameters: { byMs } };
    return { kind, selector, parameters: { byMs, periodMs: 2 ** draws.below(11) } };
  },
  first: { kind: 'clock-jump', selector: 'one', parameters: { byMs: 60_000 } },
  firstDelay: [0.2, 0.4],
};

/** 4 ms to 262 s, forwards or back: small ones as often as large ones. */
function drawOffset(draws: Draws): number {
  return draws.pick([-1, 1]) * 2 ** (2 + draws.below(17));
}
