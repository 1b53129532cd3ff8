/** The package `toxiproxy`: connections between nodes through proxies that spoil them. */
import type { NemesisPackage, Selector } from '../harness/nemesis.ts';
import type { Value } from '../harness/operation.ts';
import type { Draws } from '../harness/random.ts';
import { toxics } from './toxics.ts';

/** How often each selector is drawn, as a list with repeats. */
const ON: readonly Selector[] = ['one', 'leader', 'leader', 'all'];
const DIRECTIONS = ['out', 'in', 'both'] as const;

export const toxiproxyPackage: NemesisPackage = {
  name: 'toxiproxy',
  summary:
    'toxics on the connections between nodes: latency, swallowed data, resets, slices, closed',
  kinds: toxics,
  colour: '#2aa198',
  draw: (draws) => {
    const { kind } = draws.pick(toxics);
    const selector = draws.pick(ON);
    const direction = draws.pick(DIRECTIONS);
    return { kind, selector, parameters: { direction, ...drawParameters(kind, draws) } };
  },
  first: { kind: 'toxic-timeout', selector: 'leader' },
};

function drawParameters(kind: string, draws: Draws): Readonly<Record<string, Value>> {
  switch (kind) {
    case 'toxic-latency':
      return draws.pick([
        { latencyMs: 50, jitterMs: 0 },
        { latencyMs: 400, jitterMs: 300 },
        { latencyMs: 1500, jitterMs: 0 },
      ]);
    case 'toxic-bandwidth':
      return { kilobytesPerSecond: draws.pick([4, 64, 512]) };
    case 'toxic-slow-close':
      return { delayMs: draws.pick([200, 2000]) };
    case 'toxic-timeout':
      return { timeoutMs: draws.pick([0, 0, 1000]) };
    case 'toxic-reset-peer':
      return { timeoutMs: draws.pick([0, 500]) };
    case 'toxic-slicer':
      return draws.pick([
        { bytes: 64, variation: 32, delayMicros: 1000 },
        { bytes: 4, variation: 2, delayMicros: 0 },
      ]);
    case 'toxic-limit-data':
      return { bytes: draws.pick([0, 1000, 100_000]) };
    default:
      return {};
  }
}
