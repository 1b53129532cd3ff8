/** Goal: rolling upgrades and downgrades under load have a valid verdict, and every node runs the version at the end. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseTarget } from '../../cli/target.ts';
import type { FaultRecord } from '../../harness/nemesis.ts';
import { projectPath } from '../../harness/project-path.ts';
import { parseSchedule } from '../../nemesis/schedule-file.ts';
import { realRun } from '../live/real-run.ts';

const runsDirectory = mkdtempSync(join(tmpdir(), 'faultline-upgrade-'));
afterAll(() => rmSync(runsDirectory, { recursive: true }));

test.each([
  ['etcd@3.5.16', 'etcd-rolling-upgrade', ['3.6.5'], 25],
  ['etcd@3.5.16', 'etcd-upgrade-and-downgrade', ['3.6.5', '3.5.16'], 60],
  ['zookeeper@3.8.5', 'zookeeper-upgrade-and-downgrade', ['3.9.4', '3.8.5'], 45],
])('%s by %s', async (target, file, versions, seconds) => {
  const text = readFileSync(projectPath(`docs/schedules/${file}.json`), 'utf8');
  const schedule = parseSchedule(text, file, { nodes: ['n1', 'n2', 'n3'] });
  const result = await realRun({ target, seed: 7n, seconds, runsDirectory, schedule });
  expect(result.validity, JSON.stringify(result.verdicts)).toBe('valid');
  const records = readFileSync(join(result.directory, 'faults.jsonl'), 'utf8').trim().split('\n');
  const healed = records.filter((line) => (JSON.parse(line) as FaultRecord).state === 'healed');
  expect(healed).toHaveLength(versions.length);
  const { system } = parseTarget(target);
  for (const [index, version] of versions.entries()) {
    const image = `faultline/${system.name}-${version}:`;
    expect(healed[index]?.split(image).length).toBe(4); // one of each node
  }
});
