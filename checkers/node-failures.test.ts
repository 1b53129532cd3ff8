import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import type { RunEvent } from '../harness/event.ts';
import type { FaultRecord } from '../harness/nemesis.ts';
import { checkNodeFailures } from './node-failures.ts';
import { runOf } from './micro-history.ts';

const BUDGET = { timeMs: 1_000 };
const PATTERNS = { patterns: [{ name: 'panic', pattern: '^panic: ' }] };

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'faultline-logs-'));
  for (const node of ['n1', 'n2']) mkdirSync(join(directory, 'nodes', node), { recursive: true });
  writeFileSync(join(directory, 'nodes', 'n1', 'server.log'), 'starting\nready\n');
});
afterEach(() => rmSync(directory, { recursive: true }));

const death = (expected: boolean): RunEvent => ({
  type: 'node-down',
  node: 'n2',
  cause: 'exited',
  exitCode: 139,
  expected,
  notBefore: 1e9,
  notAfter: 2e9,
});

it('accepts deaths by our own faults and quiet logs', () => {
  const run = runOf([], { events: [death(true)], facts: { directory } });
  expect(checkNodeFailures(run, PATTERNS, BUDGET)).toMatchObject({ valid: 'valid' });
});

it('rejects an unexplained death', () => {
  const verdict = checkNodeFailures(runOf([], { events: [death(false)] }), {}, BUDGET);
  expect(verdict.valid).toBe('invalid');
  expect(verdict.anomalies?.[0]).toMatchObject({ name: 'unexplained-death', from: 1e9, to: 2e9 });
  expect(verdict.anomalies?.[0]?.explanation).toBe(
    'n2 exited with status 139 at 2.000 s; no fault of ours did that.',
  );
});

it('accepts that a member which is taken out ends in good order, and only that', () => {
  const targets = { nodes: ['n2'], claims: [{ node: 'n2', resource: 'membership' }] } as const;
  const faults: readonly FaultRecord[] = [
    { state: 'armed', id: 'it', notBefore: 0, notAfter: 0, targets },
    { state: 'fired', id: 'it', notBefore: 5e8, notAfter: 5e8 },
  ];
  const validOf = (exitCode: number): string => {
    const events = [{ ...death(false), exitCode } as RunEvent];
    return checkNodeFailures(runOf([], { events, faults }), {}, BUDGET).valid;
  };
  expect(validOf(0)).toBe('valid');
  expect(validOf(2)).toBe('invalid');
});

it('rejects a failure in a log, with node, line and time', () => {
  const filler = 'x'.repeat(700_000);
  const text = `${filler}\n${filler}\nno panic: here\npanic: map 17\nafter\npanic: map 4`;
  writeFileSync(join(directory, 'nodes', 'n2', 'server.log'), text);
  const events: RunEvent[] = [
    {
      type: 'log-matched',
      node: 'n2',
      pattern: 'panic',
      line: 'panic: map 17',
      notBefore: 5e9,
      notAfter: 6e9,
    },
  ];
  const verdict = checkNodeFailures(runOf([], { events, facts: { directory } }), PATTERNS, BUDGET);
  expect(verdict.anomalies).toHaveLength(1);
  expect(verdict.anomalies?.[0]).toMatchObject({ name: 'failure-in-log', from: 5e9, to: 6e9 });
  expect(verdict.anomalies?.[0]?.explanation).toBe(
    'n2 logged panic at 6.000 s, 2 lines: nodes/n2/server.log:4: panic: map 17 | ' +
      'nodes/n2/server.log:6: panic: map 4',
  );
});

it('tells failures that look different apart', () => {
  writeFileSync(join(directory, 'nodes', 'n2', 'server.log'), 'panic: nil map\npanic: no leader\n');
  const verdict = checkNodeFailures(runOf([], { facts: { directory } }), PATTERNS, BUDGET);
  expect(verdict.anomalies).toHaveLength(2);
  expect(verdict.anomalies?.map(({ node }) => node)).toEqual(['n2', 'n2']);
});

it('names a failure as its pattern says', () => {
  writeFileSync(join(directory, 'nodes', 'n2', 'server.log'), 'panic: nil\n');
  const patterns = [{ name: 'panic', pattern: '^panic: ', anomaly: 'member-panicked' }];
  const { anomalies = [] } = checkNodeFailures(
    runOf([], { facts: { directory } }),
    { patterns },
    BUDGET,
  );
  expect(anomalies.map(({ name }) => name)).toEqual(['member-panicked']);
});

it('says what patterns must be', () => {
  expect(() => checkNodeFailures(runOf([]), { patterns: ['panic'] }, BUDGET)).toThrow(
    /\{name, pattern\}/,
  );
});

it('tells a suspicion in a log, and accuses nobody of it', () => {
  writeFileSync(join(directory, 'nodes', 'n2', 'server.log'), 'digest mismatch at 5\n');
  const patterns = [{ name: 'mismatch', pattern: '^digest mismatch', suspicion: true }];
  const verdict = checkNodeFailures(runOf([], { facts: { directory } }), { patterns }, BUDGET);
  expect(verdict.valid).toBe('valid');
  expect(verdict.summary).toContain('nodes/n2/server.log:1: digest mismatch at 5');
});

it('accuses nobody of what a failing disk did, only of what others log', () => {
  const targets = { nodes: ['n2'], claims: [], endsServers: true };
  const at = (state: 'armed' | 'fired' | 'healed', time: number): FaultRecord => ({
    state,
    id: 'disk',
    notBefore: time,
    notAfter: time,
    ...(state === 'armed' ? { targets } : {}),
  });
  const faults = [at('armed', 0), at('fired', 0.5e9), at('healed', 3e9)];
  for (const node of ['n1', 'n2'])
    writeFileSync(join(directory, 'nodes', node, 'server.log'), 'panic: no space\n');
  const run = runOf([], { faults, events: [death(false)], facts: { directory } });
  const { anomalies, figures } = checkNodeFailures(run, PATTERNS, BUDGET);
  expect(anomalies?.map(({ explanation }) => explanation.slice(0, 9))).toEqual(['n1 logged']);
  expect(figures?.['suspicions']).toEqual([expect.stringContaining('n2 logged panic')]);

  // Out of memory the kernel may end whatever runs in the node, and the node with it.
  const { notBefore, notAfter } = death(false);
  const lost = { type: 'node-down', node: 'n2', cause: 'crashed', expected: false } as const;
  const without = runOf([], { faults, events: [{ ...lost, notBefore, notAfter }] });
  expect(checkNodeFailures(without, {}, BUDGET).valid).toBe('valid');

  // Long after it was healed a server dies of something else.
  const late = { ...death(false), notBefore: 20e9, notAfter: 21e9 };
  const later = runOf([], { faults, events: [late], facts: { directory } });
  expect(checkNodeFailures(later, {}, BUDGET).anomalies?.[0]?.name).toBe('unexplained-death');
});
