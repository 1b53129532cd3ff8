/**
 * Runs of the primary-backup model with one thing about them broken, through the real `run`, recorded in a directory:
 * what tests of outcomes share.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { afterAll, expect } from 'vitest';
import { exitCodeOf } from '../../cli/exit-code.ts';
import { primaryBackupModel } from '../../clusters/primary-backup/model.ts';
import { primaryBackup } from '../../clusters/primary-backup/system.ts';
import { nodeNames, testSpec, type TestOptions } from '../../clusters/test-spec.ts';
import type { Client } from '../../harness/client.ts';
import type { FaultStep } from '../../harness/nemesis.ts';
import { SECOND } from '../../harness/operation.ts';
import { SILENT } from '../../harness/progress.ts';
import { SimulatedClock } from '../../harness/simulated-clock.ts';
import { readRun, type StoredRun } from '../../harness/store.ts';
import type { System } from '../../harness/system.ts';
import { run, type RunResult, type TestSpec } from '../../harness/test.ts';
import { simulatedTestbed } from '../../harness/testbeds/simulated/testbed.ts';

const folder = mkdtempSync(join(tmpdir(), 'faultline-outcomes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Ten simulated seconds of the register workload on three nodes, recorded. */
export function modelSpec(
  given: Partial<TestOptions> = {},
  changes: Partial<TestSpec> = {},
): TestSpec {
  const nodes = nodeNames(3);
  const [definition] = primaryBackup.workloads;
  const workload = definition?.make({ nodes, concurrency: 6, rate: 100 });
  if (workload === undefined) throw new Error('primary-backup has no workload');
  const spec = testSpec({
    system: primaryBackup,
    version: 'correct',
    workload,
    schedule: [],
    testbed: simulatedTestbed({ model: primaryBackupModel }),
    clock: new SimulatedClock(),
    progress: SILENT,
    seed: 7n,
    nodes,
    concurrency: 6,
    rate: 100,
    timeLimit: 10 * SECOND,
    deadline: SECOND,
    recoveryLimit: 5 * SECOND,
    runsDirectory: folder,
    again: '',
    judgeInline: true,
    ...given,
  });
  return { ...spec, ...changes };
}

/** The model's system with other clients. @param wrap makes a client of the usual one */
export function withClient(wrap: (usual: Client) => Partial<Client>): System {
  return {
    ...primaryBackup,
    client: (cluster, workload) => {
      const usual = primaryBackup.client(cluster, workload);
      return {
        open: (node, signal) => usual.open(node, signal),
        invoke: (operation) => usual.invoke(operation),
        close: () => usual.close(),
        session: () => usual.session?.() ?? '',
        ...wrap(usual),
      };
    },
  };
}

export interface Outcome extends RunResult {
  readonly directory: string;
  /** What can be read back from the run directory. */
  readonly stored: StoredRun;
  readonly exitCode: number;
}

/** Runs, and makes sure of what every outcome has in common: a history that can be read, and results that say the same. */
export async function outcomeOf(
  spec: TestSpec,
  interrupt: AbortSignal = new AbortController().signal,
): Promise<Outcome> {
  const result = await run(spec, interrupt);
  const { directory } = result;
  if (directory === null) throw new Error('the run was not recorded');
  const stored = readRun(directory);
  expect([stored.cutOff, stored.warnings]).toEqual([false, []]);
  const saved = JSON.parse(readFileSync(join(directory, 'results.json'), 'utf8')) as object;
  expect(saved).toMatchObject({ validity: result.validity, summary: result.summary });
  return { ...result, directory, stored, exitCode: exitCodeOf(result.validity) };
}

/** `invalid`, `unknown: vacuous`: the verdict that decides, without its words. */
export function kindOf({ validity, verdicts }: RunResult): string {
  const decisive = Object.values(verdicts).find(({ valid }) => valid === validity);
  return decisive?.reason === undefined ? validity : `${validity}: ${decisive.reason}`;
}

/** How often each completion, with its error's kind, is in a history. */
export function completions({ stored }: Outcome): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { type, error } of stored.history) {
    if (type === 'invoke') continue;
    const name = error === undefined ? type : `${type} ${error.kind}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** One kill of n1, from 3 s to 5 s. */
export function killStep(given: Partial<FaultStep> = {}): FaultStep {
  return {
    id: 'kill-1',
    lane: 'kill',
    kind: 'kill',
    selector: ['n1'],
    trigger: { at: 3 * SECOND },
    heal: { at: 5 * SECOND },
    draw: 0,
    ...given,
  };
}
