/** One run of a system without servers through the real `run`, measured; its files are read back and counted. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownChecker } from '../harness/checker.ts';
import type { Client } from '../harness/client.ts';
import { type Clock, realClock } from '../harness/clock.ts';
import type { Generator } from '../harness/generator.ts';
import type { FaultStep, Trigger } from '../harness/nemesis.ts';
import type { Nanoseconds, Operation } from '../harness/operation.ts';
import { SECOND } from '../harness/operation.ts';
import { SILENT } from '../harness/progress.ts';
import { readRun } from '../harness/store.ts';
import { run, type RunResult, type TestSpec } from '../harness/test.ts';
import { FAULTS } from '../nemesis/registry.ts';
import { nullSystem, nullTestbed } from './null-system.ts';

/** What is measured. */
export interface EngineBench {
  readonly concurrency: number;
  readonly generator: Generator;
  readonly client: (clock: Clock) => Client;
  /** Length of the main phase. */
  readonly timeLimit: Nanoseconds;
  /** What the idle fault step waits for. Default: an hour. */
  readonly trigger?: Trigger;
}

export interface EngineFigures {
  /** Operations whose completion was recorded in the main phase, by the run's own journals. */
  readonly operations: number;
  /** Length of the main phase, by the run's own journals. */
  readonly seconds: number;
  /** Of the whole process in the main phase: garbage collection and input/output threads too. */
  readonly cpuSeconds: number;
  /** The most memory the process held until the cluster was gone, and until it was judged. */
  readonly peakMegabytes: { readonly recorded: number; readonly judged: number };
  /** As read back from the file. */
  readonly history: readonly Operation[];
}

/** Runs it. @throws Error when the run was not valid, or something recorded was not found in the files */
export async function measureRun(bench: EngineBench): Promise<EngineFigures> {
  const runsDirectory = mkdtempSync(join(tmpdir(), 'faultline-bench-'));
  try {
    const meter = new Meter();
    const spec = specOf(bench, runsDirectory, meter);
    const result = await run(spec, new AbortController().signal);
    const judged = peakMegabytes();
    const { operations, seconds, history } = readBack(result);
    const { cpuSeconds, recorded } = meter;
    return { operations, seconds, cpuSeconds, peakMegabytes: { recorded, judged }, history };
  } finally {
    rmSync(runsDirectory, { recursive: true });
  }
}

/** Reads the meters of the process between phases. */
class Meter {
  cpuSeconds = 0;
  recorded = 0;
  #before = process.cpuUsage();

  began(phase: string): void {
    if (phase === 'drive') this.#before = process.cpuUsage();
  }

  ended(phase: string): void {
    const { user, system } = process.cpuUsage(this.#before);
    if (phase === 'drive') this.cpuSeconds = (user + system) / 1e6;
    if (phase === 'tear down') this.recorded = peakMegabytes();
  }
}

function peakMegabytes(): number {
  return process.resourceUsage().maxRSS / 1000;
}

function specOf(bench: EngineBench, runsDirectory: string, meter: Meter): TestSpec {
  const clock = realClock();
  return {
    name: 'bench',
    system: nullSystem(() => bench.client(clock)),
    systemOptions: { version: '1', nodes: ['n1', 'n2', 'n3', 'n4', 'n5'], extra: {} },
    workload: { name: 'bench', generator: bench.generator, checkers: [], reads: ['read'] },
    testbed: nullTestbed(),
    faults: FAULTS,
    schedule: [idleStep(bench.trigger ?? { at: 3600 * SECOND })],
    endWithSchedule: false,
    checkers: [ownChecker('checkers/statistics', 'summariseOperations')],
    concurrency: bench.concurrency,
    timeLimit: bench.timeLimit,
    deadline: 5 * SECOND,
    recoveryLimit: 5 * SECOND,
    seed: 1n,
    runsDirectory,
    keep: false,
    again: 'npm run bench:interpreter',
    clock,
    progress: {
      ...SILENT,
      phaseBegan: (phase) => meter.began(phase),
      phaseEnded: (phase) => meter.ended(phase),
    },
    description: { name: 'bench' },
  };
}

/** Keeps its lane waiting for the whole run. */
function idleStep(trigger: Trigger): FaultStep {
  return {
    id: 'kill-1',
    lane: 'kill',
    kind: 'kill',
    selector: 'one',
    trigger,
    heal: { end: true },
    draw: 0,
  };
}

function readBack({
  validity,
  summary,
  directory,
  state,
}: RunResult): Pick<EngineFigures, 'operations' | 'seconds' | 'history'> {
  if (validity !== 'valid' || directory === null) throw new Error(`the run was ${summary}`);
  const { history, events, cutOff } = readRun(directory);
  const { invoke, ok } = state.recorder.counts;
  const told = history.filter(({ type }) => type === 'ok').length;
  if (cutOff || ok !== invoke || told !== ok || history.length !== invoke + ok) {
    throw new Error(`${history.length} lines, ${told} ok; expected ${invoke + ok}, ${ok} ok`);
  }
  const phase = (name: string): Nanoseconds =>
    events.find((event) => event.type === 'phase' && event.phase === name)?.notBefore ?? NaN;
  const [from, to] = [phase('drive'), phase('heal')];
  const last = history.findLastIndex(({ time }) => time < to);
  const inside = history.filter(
    ({ type, time }, index) => type === 'ok' && time >= from && index <= last,
  );
  return { operations: inside.length, seconds: (to - from) / SECOND, history };
}
