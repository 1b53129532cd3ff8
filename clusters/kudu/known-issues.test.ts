/** The list of Kudu's known issues against what its servers logged, and against what must not be taken for it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Anomaly } from '../../harness/checker.ts';
import { knownIssuesIn, markKnown } from '../../harness/known-issue.ts';
import type { FaultRecord, FaultStep } from '../../harness/nemesis.ts';
import { KNOWN_ISSUES } from './known-issues.ts';

const CLOCK =
  'F20261122 02:51:20.245064   250 raft_consensus.cc:1568] Check failed: _s.ok() Bad status: Invalid argument: tried to ' +
  'update clock beyond the error threshold of 10000000us: now 7353613845483642880, to_update 7353614091241078784';
const DISK =
  'F20261122 03:00:51.195266   148 consensus_queue.cc:377] Check failed: _s.ok() Bad status: IO error: ' +
  '/data/wal/wals/fb/wal-000000001: Read-only file system (error 30)';
const ALONE =
  'F20261122 03:09:26.166252   163 catalog_manager.cc:1413] Shutting down due to unavailability of other masters after ' +
  'election. TODO: Abdicate instead.';
const NO_FILE =
  'E20261122 03:14:28.942114    74 master.cc:392] Unable to init master catalog manager: Not found: Unable to initialize ' +
  'catalog manager: Failed to initialize sys tables async: Unable to load consensus metadata for tablet 0000: Unable to ' +
  'load consensus metadata for tablet 0000: /data/wal/consensus-meta/0000: No such file or directory';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'faultline-kudu-known-'));
  for (const [node, line] of [
    ['t1', DISK],
    ['t2', CLOCK],
    ['m1', NO_FILE],
    ['m2', ALONE],
  ] as const) {
    mkdirSync(join(directory, 'nodes', node), { recursive: true });
    writeFileSync(join(directory, 'nodes', node, 'server.log'), `I up\n${line}\n`);
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

function knownOf(anomaly: Pick<Anomaly, 'name' | 'explanation' | 'node'>, kind = 'clock-jump') {
  const faults: readonly FaultRecord[] = [
    { state: 'intended', step: { id: 'f', kind } as FaultStep },
    { state: 'verified', id: 'f', notBefore: 1, notAfter: 2 },
  ];
  const whole: Anomaly = { guarantee: 'none of it', operations: [], faults: [], ...anomaly };
  const verdicts = markKnown(
    { 'node-failures': { valid: 'invalid', summary: '', anomalies: [whole] } },
    { issues: KNOWN_ISSUES, versions: ['1.18.1'], faults, directory },
  );
  return knownIssuesIn(verdicts);
}

function death(node: string, status = 134) {
  const how = `${node} exited with status ${String(status)} at 16.384 s`;
  return { name: 'unexplained-death', explanation: `${how}; no fault of ours did that.`, node };
}

function logged(node: string, line: string) {
  const explanation = `${node} logged fatal, 1 line: nodes/${node}/server.log:2: ${line}`;
  return { name: 'failure-in-log', explanation, node };
}

test('a server that dies of a time too far ahead is known, where a clock was wrong', () => {
  expect(knownOf(death('t2'))).toEqual(['kudu-clock-ahead']);
  expect(knownOf(logged('t2', CLOCK))).toEqual(['kudu-clock-ahead']);
});

test('no other death is taken for it, nor one while all clocks were right', () => {
  expect(knownOf(death('t1'))).toEqual([]);
  expect(knownOf(death('t2', 139))).toEqual([]);
  expect(knownOf(logged('t2', DISK))).toEqual([]);
  expect(knownOf(death('t2'), 'kill')).toEqual([]);
  expect(knownOf(logged('t2', CLOCK), 'pause')).toEqual([]);
});

test('a master that lost its majority to a wrong clock, and no other loss of it', () => {
  expect(knownOf(death('m2'))).toEqual(['kudu-master-alone']);
  expect(knownOf(logged('m2', ALONE))).toEqual(['kudu-master-alone']);
  expect(knownOf(logged('m2', ALONE), 'partition-halves')).toEqual([]);
  expect(knownOf(death('m2', 139))).toEqual([]);
});

test('a master without consensus metadata is known after a power loss, and only then', () => {
  expect(knownOf(death('m1', 3), 'power-loss')).toEqual(['KUDU-2195']);
  expect(knownOf(death('m1', 3), 'kill')).toEqual([]);
  expect(knownOf(death('t1', 3), 'power-loss')).toEqual([]);
});
