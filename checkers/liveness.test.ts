import { describe, expect, it } from 'vitest';

import type { Verdict } from '../harness/checker.ts';
import type { RunEvent } from '../harness/event.ts';
import type { ErrorKind, Operation, OperationType, Value } from '../harness/operation.ts';
import { SECOND } from '../harness/operation.ts';
import { checkLivenessAfterHeal } from './liveness.ts';
import { leader } from './micro-events.ts';
import { killRecords, runOf } from './micro-history.ts';
import type { MicroRun } from './micro-history.ts';
import { quorumWindows } from './quorum-windows.ts';

/** `[begin, end, type, node, error, f]`: one operation, times in seconds. */
type Span = readonly [number, number, OperationType, string?, ErrorKind?, string?];

function historyOfSpans(spans: readonly Span[]): Operation[] {
  const operations = spans.flatMap(
    ([begin, end, type, node = 'n1', kind, f = 'read'], process): Omit<Operation, 'index'>[] => {
      const common = { process, f, value: null, node };
      const error = kind === undefined ? {} : { error: { kind, message: '' } };
      return [
        { ...common, type: 'invoke', time: begin * SECOND },
        { ...common, ...error, type, time: end * SECOND },
      ];
    },
  );
  operations.sort((a, b) => a.time - b.time);
  return operations.map((operation, index) => ({ ...operation, index }));
}

/** One short operation a second in [from, to). */
const each = (from: number, to: number, type: OperationType, node = 'n1'): Span[] =>
  Array.from({ length: to - from }, (_, n): Span => [from + n, from + n + 0.5, type, node]);

function judge(
  spans: readonly Span[],
  more: MicroRun,
  options: Readonly<Record<string, Value>> = {},
): Verdict {
  return checkLivenessAfterHeal(runOf(historyOfSpans(spans), more), options, { timeMs: 1_000 });
}

const interval = (from: number, to = from): { notBefore: number; notAfter: number } => ({
  notBefore: from * SECOND,
  notAfter: to * SECOND,
});
const down = (node: string, time: number): RunEvent => ({
  type: 'node-down',
  node,
  cause: 'killed',
  expected: true,
  ...interval(time),
});
const up = (node: string, time: number): RunEvent => ({ type: 'node-up', node, ...interval(time) });
const stall = (
  from: number,
  seconds: number,
  cause: 'event-loop' | 'cpu' | 'suspended',
): RunEvent => ({
  type: 'stall',
  cause,
  durationNanos: seconds * SECOND,
  ...interval(from, from + seconds),
});

const majorityDown = [down('n1', 10), down('n2', 10), up('n1', 20), up('n2', 20)];
const kill = killRecords('kill-1', 'n1', 10 * SECOND, 20 * SECOND);

describe('accepts', () => {
  it('a run without faults that serves', () => {
    expect(judge(each(0, 30, 'ok'), {})).toMatchObject({ valid: 'valid' });
  });

  it('no service while no quorum is up, and service within T after the heal', () => {
    const spans = [...each(0, 10, 'ok'), ...each(10, 29, 'info'), ...each(29, 40, 'ok')];
    const verdict = judge(spans, { events: majorityDown, faults: kill });
    expect(verdict).toMatchObject({ valid: 'valid', figures: { recoveredAfterMs: 9_500 } });
  });

  it('the rejections of the system itself as service', () => {
    const rejected: Span[] = [[21, 21.5, 'fail', 'n1', 'rejected']];
    const spans = [...each(0, 10, 'ok'), ...rejected, ...each(23, 40, 'info')];
    expect(judge(spans, { events: majorityDown, faults: kill }, { recoveryMs: 20_000 }).valid).toBe(
      'valid',
    );
  });

  it('a time in which nobody asked', () => {
    const spans = [...each(0, 10, 'ok'), [11, 12, 'info'], ...each(40, 50, 'ok')] as Span[];
    expect(judge(spans, {}).valid).toBe('valid');
  });

  it('operations in vain on a node outside of the quorum', () => {
    const cut = (type: 'link-cut' | 'link-healed', time: number): RunEvent => ({
      type,
      links: ['n1', 'n2'].flatMap((node) => [
        { from: node, to: 'n3' },
        { from: 'n3', to: node },
      ]),
      ...interval(time),
    });
    const spans = [...each(0, 10, 'ok'), ...each(10, 40, 'info', 'n3'), ...each(40, 50, 'ok')];
    const events = [cut('link-cut', 10), cut('link-healed', 39)];
    const faults = killRecords('cut-1', 'n3', 10 * SECOND, 39 * SECOND);
    expect(judge(spans, { events, faults }).valid).toBe('valid');
    const onQuorum = [...each(0, 10, 'ok'), ...each(10, 40, 'info', 'n2'), ...each(40, 50, 'ok')];
    const verdict = judge(onQuorum, { events, faults });
    expect(verdict.anomalies?.[0]?.name).toBe('no-service-with-quorum');
    expect(verdict.anomalies?.[0]?.explanation).toContain('prove n1, n2 alive and linked');
  });
});

describe('rejects', () => {
  it('a cluster that never recovers after the heal', () => {
    const spans = [...each(0, 10, 'ok'), ...each(10, 40, 'info')];
    const verdict = judge(spans, { events: majorityDown, faults: kill });
    expect(verdict.valid).toBe('invalid');
    const [anomaly] = verdict.anomalies ?? [];
    expect(anomaly?.name).toBe('no-service-after-heal');
    expect(anomaly?.explanation).toContain('last fault (kill-1) was verified healed at 20.000 s');
    expect(anomaly?.explanation).toContain('20 operations were begun (20 info)');
    expect(anomaly?.operations.length).toBeGreaterThan(4);
    expect(anomaly?.faults).toEqual(['kill-1']);
  });

  it('one that recovers too late', () => {
    const spans = [...each(0, 10, 'ok'), ...each(10, 31, 'info'), ...each(31, 40, 'ok')];
    expect(judge(spans, { events: majorityDown, faults: kill }).valid).toBe('invalid');
    expect(judge(spans, { events: majorityDown, faults: kill }, { recoveryMs: 12_000 }).valid).toBe(
      'valid',
    );
  });

  it('one that never serves although nothing was broken', () => {
    expect(judge(each(0, 30, 'info'), {}).anomalies?.[0]?.name).toBe('no-service-after-heal');
  });

  it('one that stops while a quorum is alive', () => {
    const spans = [...each(0, 10, 'ok'), ...each(10, 25, 'info', 'n2'), ...each(25, 40, 'ok')];
    const events = [down('n1', 10), up('n1', 30)];
    const faults = killRecords('kill-1', 'n1', 10 * SECOND, 30 * SECOND);
    const verdict = judge(spans, { events, faults });
    expect(verdict.anomalies?.[0]).toMatchObject({
      name: 'no-service-with-quorum',
      faults: ['kill-1'],
    });
  });

  it('an operation that waits for longer than T and is then served', () => {
    const spans: Span[] = [...each(0, 10, 'ok'), [12, 25, 'ok'], ...each(25, 30, 'ok')];
    expect(judge(spans, {}).valid).toBe('invalid');
    const prompt: Span[] = [...each(0, 10, 'ok'), [20, 25, 'ok'], ...each(25, 30, 'ok')];
    expect(judge(prompt, {}).valid).toBe('valid');
  });

  it('all threads waiting since before the heal count as asking', () => {
    const waiting: Span[] = [
      [16, 26, 'info'],
      [26, 36, 'info'],
    ];
    const spans = [...each(0, 10, 'ok'), ...waiting];
    expect(judge(spans, { events: majorityDown, faults: kill }).valid).toBe('invalid');
  });
});

describe('kinds that must each be served', () => {
  const inVain = (from: number, to: number, node: string): Span[] =>
    Array.from({ length: to - from }, (_, n): Span => {
      return [from + n, from + n + 0.5, 'info', node, 'deadline', 'alter'];
    });
  const served = ['n1', 'n2', 'n3'].flatMap((node) => each(0, 40, 'ok', node));
  const options = { each: ['alter'] };

  it('hang when every node of a quorum was asked in vain for longer than T', () => {
    const spans = [...served, ...inVain(5, 30, 'n1'), ...inVain(5, 30, 'n2')];
    expect(judge(spans, {}).valid).toBe('valid');
    const [anomaly] = judge(spans, {}, options).anomalies ?? [];
    expect(anomaly?.name).toBe('no-service-with-quorum');
    expect(anomaly?.explanation).toContain('no service of alter');
  });

  it('may hang on one node, or for less than T', () => {
    expect(judge([...served, ...inVain(5, 30, 'n1')], {}, options).valid).toBe('valid');
    const short = [5, 14, 23].flatMap((from) => [
      ...inVain(from, from + 8, 'n1'),
      ...inVain(from, from + 8, 'n2'),
      [from + 8, from + 8.5, 'ok', 'n1', 'rejected', 'alter'] as Span,
    ]);
    expect(judge([...served, ...short], {}, options).valid).toBe('valid');
  });
});

describe('T calibrated from the failovers of the run', () => {
  const outage = (from: number, seconds: number): Span[] => [
    ...each(from, from + seconds, 'info'),
    ...each(from + seconds, from + 20, 'ok'),
  ];
  const faults = [10, 30, 50].flatMap((time, at) =>
    killRecords(`kill-${String(at)}`, 'n3', time * SECOND, (time + 1) * SECOND),
  );
  const spans = [...each(0, 10, 'ok'), ...outage(10, 1), ...outage(30, 8), ...outage(50, 1)];
  const events = [9, 12, 39, 52].map((time, term) =>
    leader(`n${String((term % 3) + 1)}`, time, term),
  );

  it('accuses one that is much slower than the others, as far as it is told to', () => {
    expect(judge(spans, { faults, events }).valid).toBe('valid');
    expect(judge(spans, { faults, events }, { calibrate: 3 }).valid).toBe('invalid');
    expect(judge(spans, { faults, events }, { calibrate: 6 }).valid).toBe('valid');
  });

  it('needs three failovers to know what is usual: a fault that changed no leader is none', () => {
    const two = events.slice(0, 3);
    expect(judge(spans, { faults, events: two }, { calibrate: 3 }).valid).toBe('valid');
  });
});

describe('does not judge', () => {
  it('while our own fault is in effect', () => {
    const faults = killRecords('kill-1', 'n1', 10 * SECOND, null);
    const spans = [...each(0, 10, 'ok'), ...each(10, 40, 'info')];
    const verdict = judge(spans, { events: majorityDown.slice(0, 2), faults });
    expect(verdict).toMatchObject({ valid: 'unknown', reason: 'not-healed' });
  });

  it('a run that ends soon after the heal', () => {
    const spans = [...each(0, 10, 'ok'), ...each(10, 25, 'info')];
    const verdict = judge(spans, { events: majorityDown, faults: kill });
    expect(verdict).toMatchObject({ valid: 'unknown', reason: 'vacuous' });
  });

  it('a run whose harness was held up', () => {
    for (const cause of ['event-loop', 'suspended'] as const) {
      const verdict = judge(each(0, 30, 'ok'), { events: [stall(5, 1, cause)] });
      expect(verdict).toMatchObject({ valid: 'unknown', reason: 'starved' });
    }
    expect(judge(each(0, 30, 'ok'), { events: [stall(5, 0.3, 'event-loop')] }).valid).toBe('valid');
  });

  it('a time without service in which the machine was short of CPU, and only such a time', () => {
    const spans = [...each(0, 10, 'ok'), ...each(10, 25, 'info'), ...each(25, 40, 'ok')];
    const during = judge(spans, { events: [stall(15, 1, 'cpu')] });
    expect(during).toMatchObject({ valid: 'unknown', reason: 'starved' });
    expect(judge(spans, { events: [stall(30, 1, 'cpu')] }).valid).toBe('invalid');
    expect(judge(each(0, 30, 'ok'), { events: [stall(15, 1, 'cpu')] }).valid).toBe('valid');
  });

  it('a run that was cut off', () => {
    const facts = { cutOff: true };
    expect(judge(each(0, 40, 'info'), { facts })).toMatchObject({ reason: 'interrupted' });
  });
});

describe('windows of a proven quorum', () => {
  const windows = (more: MicroRun): Record<string, readonly (readonly number[])[]> =>
    Object.fromEntries(
      quorumWindows(runOf([], more), 0, 100 * SECOND).map(({ quorum, windows: list }) => [
        quorum.join(),
        list.map(({ from, to }) => [from / SECOND, to / SECOND]),
      ]),
    );

  it('take the pessimistic edges', () => {
    const events: RunEvent[] = [
      { ...down('n1', 0), ...interval(10, 12) },
      { ...up('n1', 0), ...interval(20, 22) },
    ];
    expect(windows({ events })).toEqual({
      'n1,n2': [
        [0, 10],
        [22, 100],
      ],
      'n1,n3': [
        [0, 10],
        [22, 100],
      ],
      'n2,n3': [[0, 100]],
    });
  });

  it('end when one direction of a link is cut, or a node is paused', () => {
    const events: RunEvent[] = [
      { type: 'link-cut', links: [{ from: 'n1', to: 'n2' }], ...interval(10) },
      { type: 'node-paused', node: 'n3', ...interval(20) },
      { type: 'node-resumed', node: 'n3', ...interval(30) },
    ];
    expect(windows({ events })).toEqual({
      'n1,n2': [[0, 10]],
      'n1,n3': [
        [0, 20],
        [30, 100],
      ],
      'n2,n3': [
        [0, 20],
        [30, 100],
      ],
    });
  });

  it('do not take a start for the end of a pause that may have come after it', () => {
    const pause = (from: number, to: number): RunEvent => ({
      ...{ type: 'node-paused', node: 'n1', ...interval(from, to) },
    });
    const started = { ...up('n1', 0), ...interval(10, 12) };
    expect(windows({ events: [pause(10.5, 11), started] })['n1,n2']).toEqual([[0, 10.5]]);
    expect(windows({ events: [pause(9, 10), started] })['n1,n2']).toEqual([
      [0, 9],
      [12, 100],
    ]);
  });

  it('leave out what a fault did that no event tells of', () => {
    expect(windows({ faults: kill })['n1,n2']).toEqual([
      [0, 10],
      [20, 100],
    ]);
    expect(windows({ faults: kill })['n2,n3']).toEqual([[0, 100]]);
  });
});
