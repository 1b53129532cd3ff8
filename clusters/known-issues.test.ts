/** Lists of known issues against failures as they were logged, and against others that must not be taken for them. */
import { describe, expect, test } from 'vitest';
import type { Anomaly } from '../harness/checker.ts';
import { knownIssuesIn, markKnown } from '../harness/known-issue.ts';
import type { FaultRecord, FaultStep } from '../harness/nemesis.ts';
import type { System } from '../harness/system.ts';
import { etcd } from './etcd/system.ts';
import { SYSTEMS } from './registry.ts';
import { zookeeper } from './zookeeper/system.ts';

const SNAPSHOT =
  'n2 logged data unreadable, 1 line: nodes/n2/server.log:423: 18:49:16.113 [main] ERROR QuorumPeer - Unable to load ' +
  'database on disk java.io.IOException: No snapshot found, but there are log entries. Something is broken! at org…';
const CRC =
  'n2 logged data unreadable, 1 line: nodes/n2/server.log:9: 18:49:16.113 [main] ERROR QuorumPeer - Unable to load ' +
  'database on disk java.io.IOException: CRC corruption in snapshot :  /data/version-2/snapshot.0';
const PANIC =
  'n2 logged panic, 1 line: nodes/n2/server.log:67: panic: failed to find local ID in cluster members';
const OTHER_PANIC =
  'n2 logged panic, 1 line: nodes/n2/server.log:67: panic: tocommit(11) is out of range [lastIndex(8)]';

function knownIn(system: System, version: string, explanation: string, kind: string): string[] {
  const anomaly: Anomaly = {
    name: 'failure-in-log',
    guarantee: 'No server logs it.',
    explanation,
    operations: [],
    faults: [],
    node: 'n2',
  };
  const faults: readonly FaultRecord[] = [
    { state: 'intended', step: { id: 'f', kind } as FaultStep },
    { state: 'verified', id: 'f', notBefore: 1, notAfter: 2 },
  ];
  const verdicts = markKnown(
    { 'node-failures': { valid: 'invalid', summary: '', anomalies: [anomaly] } },
    { issues: system.knownIssues ?? [], versions: [version], faults, directory: null },
  );
  return [...knownIssuesIn(verdicts)];
}

test('ZooKeeper without its first snapshot is known after a power loss, and only then', () => {
  const issue = ['zookeeper-first-snapshot-not-synced'];
  expect(knownIn(zookeeper, '3.9.4', SNAPSHOT, 'power-loss')).toEqual(issue);
  expect(knownIn(zookeeper, '3.9.4', SNAPSHOT, 'kill')).toEqual([]);
  expect(knownIn(zookeeper, '3.9.4', CRC, 'power-loss')).toEqual([]);
});

test('the panic of a removed member of etcd is known after a removal, and only then', () => {
  expect(knownIn(etcd, '3.5.16', PANIC, 'member-remove')).toEqual(['etcd-21966']);
  expect(knownIn(etcd, '3.5.16', PANIC, 'kill')).toEqual([]);
  expect(knownIn(etcd, '3.5.16', OTHER_PANIC, 'member-remove')).toEqual([]);
  expect(knownIn(etcd, '3.5.2', PANIC, 'member-remove')).toEqual([]);
});

describe.each(SYSTEMS.map((system) => [system.name, system.knownIssues ?? []] as const))(
  'the list of %s',
  (_, issues) => {
    test('names versions, and a mechanism that can be read', () => {
      for (const { issue, versions, anomalies, mechanism } of issues) {
        expect(versions.length, issue).toBeGreaterThan(0);
        expect(anomalies.length, issue).toBeGreaterThan(0);
        expect(Object.keys(mechanism).length, issue).toBeGreaterThan(0);
        for (const source of [mechanism.explanation, mechanism.log]) {
          expect(() => new RegExp(source ?? ''), issue).not.toThrow();
        }
      }
    });
  },
);
