/** Sheepdog's binaries, which a user brings: what is said without them, and of some that do not start. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { exitCodeOf } from '../../cli/exit-code.ts';
import { groundFor } from '../../cli/testbeds.ts';
import { sheepdog } from '../../clusters/sheepdog/system.ts';
import { nodeNames, testSpec } from '../../clusters/test-spec.ts';
import { SECOND } from '../../harness/operation.ts';
import { SILENT } from '../../harness/progress.ts';
import { run, type RunResult } from '../../harness/test.ts';

const folder = mkdtempSync(join(tmpdir(), 'faultline-brought-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function runWith(extra: Readonly<Record<string, string>>): Promise<RunResult> {
  const nodes = nodeNames(3);
  const workload = sheepdog.workloads[0]?.make({ nodes, concurrency: 3, rate: 5 });
  if (workload === undefined) throw new Error('sheepdog has no workload');
  const ground = await groundFor(sheepdog, 'docker', 1n);
  const spec = testSpec({
    ...{ system: sheepdog, version: 'brought', workload, schedule: [], ...ground, nodes, extra },
    ...{ concurrency: 3, rate: 5, timeLimit: 5 * SECOND, runsDirectory: folder, again: '' },
    ...{ progress: SILENT, seed: 1n },
  });
  const result = await run(spec, new AbortController().signal);
  expect(result.leftovers).toEqual([]);
  expect(exitCodeOf(result.validity)).toBe(2);
  return result;
}

test('without them: what must be brought, and nothing is made', async () => {
  const { summary } = await runWith({});
  expect(summary).toContain('sheepdog cannot be had');
  expect(summary).toContain('--sheepdog <folder');
});

test('with some that do not start: what they said', async () => {
  const failing = 'echo "sheep: cannot open liburcu.so.1" >&2; exit 127';
  writeFileSync(join(folder, 'sheep'), `#!/bin/sh\n${failing}\n`);
  const { summary } = await runWith({ sheepdog: folder });
  expect(summary).toContain('the sheep that was brought does not start');
  expect(summary).toContain('cannot open liburcu.so.1');
});
