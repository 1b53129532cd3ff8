/** One run of overlapping faults, looked at fault by fault; and the same run again from its record. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Target } from '../cli/target.ts';
import { groundFor } from '../cli/testbeds.ts';
import { nodeNames, testSpec } from '../clusters/test-spec.ts';
import { conflict } from '../harness/claims.ts';
import type { Claim, FaultRecord, FaultStep } from '../harness/nemesis.ts';
import { SECOND, type NodeName } from '../harness/operation.ts';
import { SILENT } from '../harness/progress.ts';
import { run, type RunResult } from '../harness/test.ts';
import { randomSchedule } from '../nemesis/random-schedule.ts';
import { requirePackages } from '../nemesis/registry.ts';
import { parseRecordedSchedule } from '../nemesis/schedule-file.ts';

export interface OverlapOptions {
  readonly target: Target;
  readonly nodes: number;
  readonly seconds: number;
  readonly seed: bigint;
  /** Words of `--faults`: a lane each. */
  readonly packages: string;
  readonly runsDirectory: string;
}

/** What came of the steps of one run. */
export interface FaultFigures {
  readonly steps: number;
  readonly verified: number;
  /** Fired without effect, with their reasons. */
  readonly ineffective: readonly string[];
  /** Never fired, with their reasons. */
  readonly skipped: readonly string[];
  /** Steps that came to no end that is told: there must be none. */
  readonly unaccounted: readonly string[];
  /** Pairs that acted on the same at once: there must be none. */
  readonly conflicts: readonly string[];
  /** Still in effect at the end: there must be none. */
  readonly notHealed: readonly string[];
  /** The most lanes that had a fault in effect at once. */
  readonly lanesAtOnce: number;
}

export interface OverlapOutcome {
  readonly summary: string;
  readonly validity: RunResult['validity'];
  readonly leftovers: readonly string[];
  readonly figures: FaultFigures;
  readonly records: readonly FaultRecord[];
  readonly directory: string;
}

/** Runs a random schedule of these packages. */
export async function overlapping(options: OverlapOptions): Promise<OverlapOutcome> {
  const { packages, seed, seconds } = options;
  const steps = randomSchedule({
    packages: requirePackages(packages),
    nodes: nodeNames(options.nodes),
    seed,
    timeLimitNanos: seconds * SECOND,
  });
  return runSteps(options, steps);
}

/** Runs what an earlier run recorded, on the nodes and links that it had chosen. */
export async function again(options: OverlapOptions, directory: string): Promise<OverlapOutcome> {
  const path = join(directory, 'faults.jsonl');
  const steps = parseRecordedSchedule(readFileSync(path, 'utf8'), path, 'recorded');
  return runSteps(options, steps);
}

/** How the second run's intent or targets differ from the first's; empty when they do not. */
export function differences(first: OverlapOutcome, second: OverlapOutcome): readonly string[] {
  const intents = [first, second].map(({ records }) => records.flatMap(intentOf).join('\n'));
  const targets = new Map(second.records.flatMap(targetsOf));
  const other = first.records.flatMap(targetsOf).filter(([id, nodes]) => {
    const now = targets.get(id);
    return now !== undefined && now !== nodes;
  });
  return [
    ...(intents[0] === intents[1] ? [] : ['the intended steps differ']),
    ...other.map(([id, nodes]) => `${id} acted on ${nodes}, then on ${targets.get(id) ?? ''}`),
  ];
}

/** All of a step but what `--targets recorded` replaces. */
function intentOf(record: FaultRecord): readonly string[] {
  if (record.state !== 'intended') return [];
  const { id, lane, kind, trigger, heal, draw } = record.step;
  return [JSON.stringify({ id, lane, kind, trigger, heal, draw })];
}

function targetsOf(record: FaultRecord): readonly (readonly [string, string])[] {
  if (record.state !== 'armed') return [];
  const nodes: readonly NodeName[] = record.targets?.nodes ?? [];
  return [[record.id, nodes.join(',')]];
}

async function runSteps(
  { target, nodes, seconds, seed, runsDirectory }: OverlapOptions,
  schedule: readonly FaultStep[],
): Promise<OverlapOutcome> {
  const { system, version } = target;
  const [definition] = system.workloads;
  if (definition === undefined) throw new Error(`${system.name} has no workload`);
  const load = { nodes: nodeNames(nodes), concurrency: 2 * nodes, rate: 200 };
  const spec = testSpec({
    ...{ system, version, schedule, seed, runsDirectory, ...load },
    workload: definition.make(load),
    ...(await groundFor(system, 'docker', seed, {})),
    progress: SILENT,
    timeLimit: seconds * SECOND,
    recoveryLimit: 60 * SECOND,
    again: '',
  });
  const { validity, summary, leftovers, directory } = await run(spec, new AbortController().signal);
  if (directory === null) throw new Error('the run was not recorded');
  const records = readRecords(directory);
  return { validity, summary, leftovers, directory, records, figures: figuresOf(records) };
}

function readRecords(directory: string): readonly FaultRecord[] {
  const lines = readFileSync(join(directory, 'faults.jsonl'), 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as FaultRecord);
}

/** @returns what the records of one run come to */
export function figuresOf(records: readonly FaultRecord[]): FaultFigures {
  const steps = records.flatMap((record) => (record.state === 'intended' ? [record.step] : []));
  const states = (wanted: FaultRecord['state']): readonly Told[] =>
    records.filter((record): record is Told => record.state === wanted);
  const reasons = (told: readonly Told[]): readonly string[] =>
    told.map(({ id, reason }) => `${id}: ${reason ?? ''}`);
  const verified = new Set(states('verified').map(({ id }) => id));
  const fired = new Set(states('fired').map(({ id }) => id));
  // What could not even be made ready has nothing to heal.
  const unready = states('failed').filter(({ id }) => !fired.has(id));
  const ended = new Set(
    [...states('healed'), ...states('skipped'), ...unready].map(({ id }) => id),
  );
  return {
    steps: steps.length,
    verified: verified.size,
    ineffective: reasons(states('failed').filter(({ id }) => !verified.has(id))),
    skipped: reasons(states('skipped')),
    unaccounted: steps.flatMap(({ id }) => (ended.has(id) ? [] : [id])),
    notHealed: [...fired].filter((id) => !ended.has(id)),
    ...together(records, steps),
  };
}

type Told = Exclude<FaultRecord, { state: 'intended' }>;

/** Follows what is in effect, record by record. */
function together(
  records: readonly FaultRecord[],
  steps: readonly FaultStep[],
): Pick<FaultFigures, 'conflicts' | 'lanesAtOnce'> {
  const lanes = new Map(steps.map(({ id, lane }) => [id, lane]));
  const claims = new Map<string, readonly Claim[]>();
  const active = new Set<string>();
  const conflicts: string[] = [];
  let lanesAtOnce = 0;
  for (const record of records) {
    if (record.state === 'armed') claims.set(record.id, record.targets?.claims ?? []);
    if (record.state === 'healed') active.delete(record.id);
    if (record.state !== 'fired') continue;
    for (const other of active) {
      const both = conflict(claims.get(record.id) ?? [], claims.get(other) ?? []);
      if (both) conflicts.push(`${record.id} and ${other}`);
    }
    active.add(record.id);
    lanesAtOnce = Math.max(lanesAtOnce, new Set([...active].map((id) => lanes.get(id))).size);
  }
  return { conflicts, lanesAtOnce };
}
