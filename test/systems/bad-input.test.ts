/**
 * What cannot be had or does not start ends as `unknown: harness-failure`, with the cause in words and nothing left
 * behind: an image that cannot be built, a cluster that needs more memory than there is, a server's program that is not
 * there or ends at once, a node that never serves.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { exitCodeOf } from '../../cli/exit-code.ts';
import { groundFor } from '../../cli/testbeds.ts';
import { etcd } from '../../clusters/etcd/system.ts';
import { nodeNames, testSpec } from '../../clusters/test-spec.ts';
import { SECOND } from '../../harness/operation.ts';
import { SILENT } from '../../harness/progress.ts';
import type { System } from '../../harness/system.ts';
import { run, type RunResult } from '../../harness/test.ts';
import { listLeftovers } from '../../harness/testbeds/docker/leftovers.ts';
import { docker } from '../live/docker-cluster.ts';

const folder = mkdtempSync(join(tmpdir(), 'faultline-bad-input-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A whole run of etcd with something about it changed. */
async function runOf(change: Partial<System>, version = '3.5.16'): Promise<RunResult> {
  const system = { ...etcd, ...change };
  const nodes = nodeNames(3);
  const [definition] = etcd.workloads;
  const workload = definition?.make({ nodes, concurrency: 3, rate: 50 });
  if (workload === undefined) throw new Error('etcd has no workload');
  const ground = await groundFor(system, 'docker', 1n);
  const spec = testSpec({
    ...{ system, version, workload, schedule: [], ...ground, progress: SILENT, seed: 1n, nodes },
    ...{ concurrency: 3, rate: 50, timeLimit: 5 * SECOND, runsDirectory: folder, again: '' },
  });
  const result = await run(spec, new AbortController().signal);
  const { runId } = result.state.store;
  expect((await listLeftovers(docker)).filter((left) => left.run === runId)).toEqual([]);
  expect(result.leftovers).toEqual([]);
  expect(exitCodeOf(result.validity)).toBe(2);
  expect(result.summary).toMatch(/^unknown: harness-failure/);
  return result;
}

/** The members' plan with another command. */
function commanding(command: readonly string[]): Partial<System> {
  return { node: (...given) => ({ ...etcd.node(...given), command }) };
}

test('a version that cannot be had: the version and the cause are named', async () => {
  const { summary } = await runOf({}, '3.5.30');
  expect(summary).toMatch(/image etcd-3\.5\.30/);
  // What the module proxy answers, whichever it is.
  expect(summary).toMatch(/^go: go\.etcd\.io\/etcd\/server\/v3@v3\.5\.30: .+/m);
});

test('more memory than there is: told before anything is made', async () => {
  const { summary, state } = await runOf({ memoryMb: () => 100_000_000 });
  expect(summary).toMatch(
    /etcd 3\.5\.16 on 3 nodes needs 100000000 MiB of memory, and \d+ MiB are free: nothing was made/,
  );
  expect(state.cluster).toBeNull();
});

test('a program that is not there: the node, and what was said of it', async () => {
  const { summary } = await runOf(commanding(['/opt/own/etcd', '--name=n1']));
  expect(summary).toMatch(/\/opt\/own\/etcd|died during set-up/);
});

test('a program that ends at once: its last lines', async () => {
  const script = 'echo "own etcd: cannot find libown.so.3" >&2; exit 127';
  const { summary } = await runOf(commanding(['sh', '-c', script]));
  expect(summary).toMatch(/node n\d died during set-up/);
  expect(summary).toMatch(/n\d logged last:\n {2}own etcd: cannot find libown\.so\.3/);
});

test('a node that never serves: its last lines, within the bound of set-up', async () => {
  const script = 'echo "waiting for a licence server"; exec sleep 1000';
  const { summary } = await runOf(commanding(['sh', '-c', script]));
  expect(summary).toMatch(/not serving within 100 s of set-up: n1, n2, n3/);
  expect(summary).toMatch(/n3 logged last:\n {2}waiting for a licence server/);
});
