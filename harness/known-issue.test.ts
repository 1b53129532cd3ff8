import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Anomaly, Verdict } from './checker.ts';
import {
  isKnown,
  isWithin,
  type KnownIssue,
  knownIssuesIn,
  markKnown,
  validityBesideKnown,
} from './known-issue.ts';
import type { FaultRecord, FaultStep } from './nemesis.ts';

const ISSUE: KnownIssue = {
  issue: 'STORE-1',
  link: 'https://example.org/STORE-1',
  versions: [{ from: '1.2.0', to: '1.2.9' }],
  anomalies: ['unexplained-death'],
  mechanism: {
    explanation: 'exited with status 1 ',
    log: 'No snapshot found',
    faults: ['power-loss'],
  },
  note: 'a disk that loses what was not synced',
};
const STEP = { id: 'p1', kind: 'power-loss' } as FaultStep;
const FAULTS: readonly FaultRecord[] = [
  { state: 'intended', step: STEP },
  { state: 'verified', id: 'p1', notBefore: 5, notAfter: 6 },
];

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'faultline-known-'));
  for (const node of ['n1', 'n2']) mkdirSync(join(directory, 'nodes', node), { recursive: true });
  writeFileSync(join(directory, 'nodes/n1/server.log'), 'up\nERROR No snapshot found, but logs\n');
  writeFileSync(join(directory, 'nodes/n2/server.log'), 'up\n');
});
afterAll(() => rmSync(directory, { recursive: true }));

function death(changes: Partial<Anomaly> = {}): Anomaly {
  return {
    name: 'unexplained-death',
    guarantee: 'A server dies only when a fault of ours ends it.',
    explanation: 'n1 exited with status 1 at 9.2 s; no fault of ours did that.',
    operations: [],
    faults: [],
    node: 'n1',
    from: 8,
    to: 9,
    ...changes,
  };
}

function marked(
  anomalies: readonly Anomaly[],
  {
    issue = ISSUE,
    versions = ['1.2.3'],
    faults = FAULTS,
  }: { issue?: KnownIssue; versions?: string[]; faults?: readonly FaultRecord[] } = {},
): Verdict {
  const verdict: Verdict = { valid: 'invalid', summary: 'failures', anomalies };
  const context = { issues: [issue], versions, faults, directory };
  return markKnown({ 'node-failures': verdict }, context)['node-failures'] as Verdict;
}

describe('an anomaly', () => {
  test('is known when its name, the version and the whole mechanism fit', () => {
    const verdict = marked([death()]);
    expect(verdict.anomalies?.[0]?.known).toEqual({ issue: 'STORE-1', link: ISSUE.link });
    expect(verdict.valid).toBe('invalid');
    expect(isKnown(verdict)).toBe(true);
  });
  test.each([
    ['another anomaly', () => marked([death({ name: 'failure-in-log' })])],
    ['another status', () => marked([death({ explanation: 'n1 exited with status 139 at 9 s' })])],
    ['a node that logged nothing of it', () => marked([death({ node: 'n2' })])],
    ['a fault that came later', () => marked([death({ to: 4 })])],
    ['another fault', () => marked([death()], { faults: [] })],
    ['a version after it', () => marked([death()], { versions: ['1.3.0'] })],
    ['another checker', () => marked([death()], { issue: { ...ISSUE, checker: 'set' } })],
    [
      'an issue without a mechanism',
      () => marked([death()], { issue: { ...ISSUE, mechanism: {} } }),
    ],
  ])('is not known by %s', (_, verdict) => {
    expect(isKnown(verdict())).toBe(false);
  });
  test('that is known hides no other one', () => {
    const verdict = marked([death(), death({ node: 'n2' })]);
    expect(isKnown(verdict)).toBe(false);
    expect(verdict.anomalies?.map(({ known }) => known?.issue)).toEqual(['STORE-1', undefined]);
  });
  test('that was known is not for ever: it is held against the list of today', () => {
    const [before] = marked([death()]).anomalies ?? [];
    const again = marked([before as Anomaly], { versions: ['2.0.0'] });
    expect(again.anomalies?.[0]).not.toHaveProperty('known');
  });
});

test('what remains beside known issues is judged as ever', () => {
  const known = marked([death()]);
  const unknown: Verdict = { valid: 'unknown', reason: 'vacuous', summary: 'nothing' };
  const lost: Verdict = { valid: 'invalid', summary: 'lost', anomalies: [death({ name: 'lost' })] };
  expect(validityBesideKnown({ known })).toBe('valid');
  expect(validityBesideKnown({ known, unknown })).toBe('unknown');
  expect(validityBesideKnown({ known, lost })).toBe('invalid');
  expect(knownIssuesIn({ known, lost, again: known })).toEqual(['STORE-1']);
});

test('an accusation without an anomaly is never known', () => {
  expect(isKnown({ valid: 'invalid', summary: 'wrong' })).toBe(false);
});

test('versions compare by their parts', () => {
  expect(isWithin('3.5.10', { from: '3.5.9', to: '3.5.12' })).toBe(true);
  expect(isWithin('3.5.10', { to: '3.5.9' })).toBe(false);
  expect(isWithin('3.6.0', { from: '3.5.9' })).toBe(true);
  expect(isWithin('no-fsync', { from: 'no-fsync' })).toBe(true);
  expect(isWithin('correct', { from: 'no-fsync' })).toBe(false);
});
