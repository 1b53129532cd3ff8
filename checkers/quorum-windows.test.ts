import { describe, expect, test } from 'vitest';
import type { RunEvent } from '../harness/event.ts';
import { SECOND } from '../harness/operation.ts';
import { linkedIntervals } from './quorum-windows.ts';

const bounds = { from: 0, to: 10 * SECOND };
const link = { from: 'n1', to: 'n2' };

function event(
  type: 'link-cut' | 'link-healed' | 'link-degraded' | 'link-restored',
  at: number,
): RunEvent {
  return { type, links: [link], notBefore: at * SECOND, notAfter: at * SECOND };
}

describe('linkedIntervals', () => {
  test('a degraded link proves nothing until it is restored', () => {
    const events = [event('link-degraded', 2), event('link-restored', 5)];
    expect(linkedIntervals(events, 'n1', 'n2', bounds)).toEqual([
      { from: 0, to: 2 * SECOND },
      { from: 5 * SECOND, to: 10 * SECOND },
    ]);
    expect(linkedIntervals(events, 'n2', 'n1', bounds)).toEqual([bounds]);
  });

  test('a cut within a degradation is over only when both are', () => {
    const events = [
      event('link-degraded', 1),
      event('link-cut', 2),
      event('link-restored', 3),
      event('link-healed', 4),
    ];
    expect(linkedIntervals(events, 'n1', 'n2', bounds)).toEqual([
      { from: 0, to: SECOND },
      { from: 4 * SECOND, to: 10 * SECOND },
    ]);
  });
});
