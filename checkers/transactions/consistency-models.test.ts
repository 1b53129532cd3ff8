import { describe, expect, it } from 'vitest';

import { boundaryOf, expectationOf, strongestAllowed } from './consistency-models.ts';

describe('what anomalies rule out', () => {
  it.each([
    ['G0', ['read-uncommitted']],
    ['G1a', ['read-atomic', 'read-committed']],
    ['G1c', ['read-committed']],
    ['internal', ['read-atomic']],
    ['lost-update', ['cursor-stability', 'update-atomic']],
    ['G-single-item', ['consistent-view', 'repeatable-read']],
    ['G-nonadjacent-item', ['repeatable-read', 'snapshot-isolation']],
    ['G2-item', ['repeatable-read']],
    ['G2-item-process', ['strong-session-serializable']],
    ['G-single-item-realtime', ['strong-snapshot-isolation']],
    ['G2-item-realtime', ['strong-serializable']],
  ] as const)('%s: %j', (anomaly, not) => {
    const found = boundaryOf([anomaly]).not;
    if (anomaly === 'G1a') expect(found).toContain('read-committed');
    else expect(found).toEqual(not);
  });
  it('leaves the strongest of the others', () => {
    expect(strongestAllowed([])).toContain('strong-serializable');
    expect(strongestAllowed(['G2-item'])).toContain('strong-snapshot-isolation');
    expect(strongestAllowed(['G2-item'])).not.toContain('serializable');
    expect(boundaryOf([])).toEqual({ not: [], alsoNot: [] });
  });
});

describe('what models forbid', () => {
  it('also what implies it', () => {
    const { prohibited } = expectationOf(['read-committed']);
    for (const anomaly of ['G0', 'G1a', 'G1b', 'G1c', 'dirty-update', 'incompatible-order']) {
      expect(prohibited).toContain(anomaly);
    }
    expect(prohibited).not.toContain('G2-item');
    expect(prohibited).not.toContain('G-single-item');
  });
  it('tells which order of time counts', () => {
    expect(expectationOf(['serializable'])).toMatchObject({ process: false, realtime: false });
    expect(expectationOf(['strong-session-serializable'])).toMatchObject({
      process: true,
      realtime: false,
    });
    expect(expectationOf(['strict-serializable'])).toMatchObject({ realtime: true });
  });
  it('knows models by all their names', () => {
    expect(expectationOf(['PL-2']).prohibited).toEqual(
      expectationOf(['read-committed']).prohibited,
    );
    expect(expectationOf(['strong-serializable'])).toEqual(expectationOf(['strict-serializable']));
    expect(() => expectationOf(['snapshot-isolatoin'])).toThrow(/nearest: 'snapshot-isolation'/);
  });
});
