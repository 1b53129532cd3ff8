import { describe, expect, test } from 'vitest';
import type { RecordedRun } from '../harness/checker.ts';
import type { RunEvent } from '../harness/event.ts';
import type { FaultRecord, Targets } from '../harness/nemesis.ts';
import { SECOND } from '../harness/operation.ts';
import { linkedIntervals, quorumWindows, severedIntervals } from './quorum-windows.ts';

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

describe('severedIntervals', () => {
  test('from the first cut until it was healed as often as it was cut; a degraded link is not cut', () => {
    const events = [
      event('link-degraded', 0),
      event('link-cut', 1),
      event('link-cut', 2),
      event('link-healed', 4),
      event('link-healed', 6),
      event('link-cut', 9),
    ];
    expect(severedIntervals(events, 'n1', 'n2', bounds)).toEqual([
      { from: SECOND, to: 6 * SECOND },
      { from: 9 * SECOND, to: 10 * SECOND },
    ]);
    expect(severedIntervals(events, 'n2', 'n1', bounds)).toEqual([]);
  });

  test('pessimistic: from the end of the cut to the beginning of the healing', () => {
    const cut: RunEvent = {
      type: 'link-cut',
      links: [link],
      notBefore: SECOND,
      notAfter: 2 * SECOND,
    };
    const healed: RunEvent = {
      ...cut,
      type: 'link-healed',
      notBefore: 5 * SECOND,
      notAfter: 6 * SECOND,
    };
    expect(severedIntervals([cut, healed], 'n1', 'n2', bounds)).toEqual([
      { from: 2 * SECOND, to: 5 * SECOND },
    ]);
  });
});

describe('quorumWindows', () => {
  const nodes = ['n1', 'n2', 'n3'];
  const at = (seconds: number): { notBefore: number; notAfter: number } => ({
    notBefore: seconds * SECOND,
    notAfter: seconds * SECOND,
  });

  function windowsWith(
    faults: readonly FaultRecord[],
    events: readonly RunEvent[] = [],
  ): readonly unknown[] {
    const run = { events, faults, facts: { nodes } } as unknown as RecordedRun;
    return quorumWindows(run, 0, 10 * SECOND).flatMap(({ windows }) => windows);
  }

  test('none while members are changed: a quorum of others may be needed, or of fewer', () => {
    const claims = nodes.map((node) => ({ node, resource: 'membership' }) as const);
    const targets: Targets = { nodes: ['n1'], claims };
    const begun: readonly FaultRecord[] = [
      { state: 'armed', id: 'it', ...at(1), targets },
      { state: 'fired', id: 'it', ...at(2) },
    ];
    const before = { from: 0, to: 2 * SECOND };
    expect(windowsWith(begun)).toEqual([before, before, before]);
    const after = { from: 5 * SECOND, to: 10 * SECOND };
    expect(windowsWith([...begun, { state: 'healed', id: 'it', ...at(5) }])).toEqual(
      [before, after].flatMap(() => [before, after]).concat(before, after),
    );
  });

  test('a server that a fault may have ended, and did not, proves nothing until it is started again', () => {
    const targets: Targets = {
      nodes: ['n1'],
      claims: [{ node: 'n1', resource: 'disk' }],
      endsServers: true,
    };
    const faults: readonly FaultRecord[] = [
      { state: 'armed', id: 'it', ...at(1), targets },
      { state: 'fired', id: 'it', ...at(2) },
      { state: 'healed', id: 'it', ...at(4) },
    ];
    const before = { from: 0, to: 2 * SECOND };
    const ofOthers = { from: 0, to: 10 * SECOND };
    expect(windowsWith(faults)).toEqual([before, before, ofOthers]);
    const started: RunEvent = { type: 'node-up', node: 'n1', ...at(6) };
    const after = { from: 6 * SECOND, to: 10 * SECOND };
    expect(windowsWith(faults, [started])).toEqual([before, after, before, after, ofOthers]);
  });

  test('where nodes have roles, quorums are enough of each role that service needs', () => {
    const quorumGroups = [
      { nodes: ['zk1'], needed: 1 },
      { nodes: ['m1', 'm2', 'm3'], needed: 2 },
    ];
    const facts = { nodes: ['zk1', 'm1', 'm2', 'm3', 'w1'], quorumGroups };
    const run = { events: [], faults: [], facts } as unknown as RecordedRun;
    expect(quorumWindows(run, 0, SECOND).map(({ quorum }) => quorum)).toEqual([
      ['zk1', 'm1', 'm2'],
      ['zk1', 'm1', 'm3'],
      ['zk1', 'm2', 'm3'],
    ]);
  });
});
