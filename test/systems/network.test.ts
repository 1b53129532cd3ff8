/** Faults of links on real systems: by what the systems do under them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { RunEvent } from '../../harness/event.ts';
import type { FaultRecord } from '../../harness/nemesis.ts';
import { SECOND } from '../../harness/operation.ts';
import { step } from '../fakes/fake-run.ts';
import { realRun } from '../live/real-run.ts';

const runsDirectory = mkdtempSync(join(tmpdir(), 'faultline-network-'));
afterAll(() => rmSync(runsDirectory, { recursive: true, force: true }));

const ELECTION_PORT = 3888;

test('ZooKeeper elects nobody while its election port alone is cut, and somebody when it is not', async () => {
  const schedule = [
    step({
      id: 'port',
      lane: 'port',
      kind: 'partition-port',
      selector: 'all',
      parameters: { port: ELECTION_PORT },
      trigger: { at: 4 * SECOND },
      heal: { at: 11 * SECOND },
    }),
    step({
      id: 'kill',
      lane: 'kill',
      kind: 'kill',
      selector: 'leader',
      trigger: { at: 5 * SECOND },
      heal: { at: 20 * SECOND },
    }),
  ];
  const options = { target: 'zookeeper@3.9.4', seconds: 24, seed: 3n, runsDirectory };
  const { directory, validity } = await realRun({ ...options, schedule });
  const faults = linesOf(directory, 'faults.jsonl') as readonly FaultRecord[];
  const at = (id: string, state: FaultRecord['state']): number => {
    const found = faults.find((one) => one.state === state && 'id' in one && one.id === id);
    return found !== undefined && 'notBefore' in found ? found.notBefore : Number.NaN;
  };
  expect(at('port', 'verified')).toBeLessThan(at('kill', 'fired'));
  const events = linesOf(directory, 'events.jsonl') as readonly RunEvent[];
  const leaders = events.filter((event) => event.type === 'leader-seen');
  const before = leaders.filter(({ notAfter }) => notAfter < at('kill', 'fired')).at(-1);
  const elected = leaders.find(({ term = 0 }) => term > (before?.term ?? Infinity));
  expect(elected?.notAfter).toBeGreaterThan(at('port', 'healing'));
  expect(at('port', 'healing') - at('kill', 'fired')).toBeGreaterThan(5 * SECOND);
  expect(validity).not.toBe('invalid');
});

test('etcd under drawn faults of links: each verified and healed, nothing accused', async () => {
  const options = { target: 'etcd@3.5.16', seconds: 30, seed: 12n, runsDirectory };
  const { directory, validity, verdicts } = await realRun({ ...options, faults: 'network' });
  const faults = linesOf(directory, 'faults.jsonl') as readonly FaultRecord[];
  const ids = faults.flatMap((one) => (one.state === 'intended' ? [one.step.id] : []));
  expect(ids.length).toBeGreaterThan(1);
  for (const id of ids) {
    const states = faults.flatMap((one) => ('id' in one && one.id === id ? [one.state] : []));
    expect(states, id).toEqual(['armed', 'fired', 'verified', 'healing', 'healed']);
  }
  const accused = Object.entries(verdicts).filter(([, { valid }]) => valid === 'invalid');
  expect(accused).toEqual([]);
  expect(validity).not.toBe('invalid');
});

function linesOf(directory: string, name: string): readonly unknown[] {
  const text = readFileSync(join(directory, name), 'utf8').trim();
  return text.split('\n').map((line) => JSON.parse(line) as unknown);
}
