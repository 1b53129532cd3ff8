/**
 * Schedules that are read: written by hand, or recorded by an earlier run.
 *
 * A written schedule is `{"steps": [...]}`; a step needs a `kind` and a `trigger`. Times are strings (`"5s"`,
 * `"200ms"`) or nanoseconds; a bare time as `trigger` means `at`, as `heal` (and inside `then`) `after`.
 * Defaults: id: kind and number; lane: one of its own; selector: the kind's first; heal: the end of the main phase;
 * draw: its place in the list.
 */
import type { FaultRecord, FaultStep, Targets } from '../harness/nemesis.ts';
import type { Value } from '../harness/operation.ts';
import { FAULTS } from './registry.ts';
import { checkSchedule, type KnownNames } from './schedule-check.ts';
import { complete, readForm } from './schedule-form.ts';

/** A schedule that cannot be used, with everything that is wrong with it. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
  readonly problems: readonly string[];
  constructor(source: string, problems: readonly string[]) {
    super([`${source} is no schedule that can be run:`, ...problems].join('\n  '));
    this.problems = problems;
  }
}

/**
 * Reads a written schedule.
 * @param source its path, for messages @throws ScheduleError
 */
export function parseSchedule(
  text: string,
  source: string,
  known: KnownNames = {},
): readonly FaultStep[] {
  const form = readForm(parseJson(text, source));
  if ('wrong' in form) throw new ScheduleError(source, form.wrong);
  const faults = known.faults ?? FAULTS;
  const steps = form.map((step, index) =>
    complete(step, index, (kind) => faults.get(kind)?.selectors[0] ?? 'one'),
  );
  return checked(steps, source, known);
}

/**
 * Reads a recorded run's `faults.jsonl` as a schedule.
 * @param targets `role`: select nodes anew as the steps say; `recorded`: the same nodes and links as then (a step that
 * chose none then keeps its selector) @param source its path, for messages
 * @throws ScheduleError; a last line that was cut off is left out
 */
export function parseRecordedSchedule(
  text: string,
  source: string,
  targets: 'role' | 'recorded' = 'role',
  known: KnownNames = {},
): readonly FaultStep[] {
  const records = parseRecords(text, source);
  const intended = records.flatMap((record) => (record.state === 'intended' ? [record.step] : []));
  if (intended.length === 0) throw new ScheduleError(source, ['it holds no intended faults']);
  const steps = targets === 'role' ? intended : intended.map((step) => pin(step, records));
  return checked(steps, source, known);
}

function parseRecords(text: string, source: string): readonly FaultRecord[] {
  const lines = text.split('\n');
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [requireRecord(JSON.parse(line))];
    } catch (error) {
      if (index === lines.length - 1) return []; // Cut off while it was written.
      throw new ScheduleError(source, [`line ${index + 1}: ${(error as Error).message}`]);
    }
  });
}

function requireRecord(value: unknown): FaultRecord {
  const record = value as Partial<Record<string, unknown>> | null;
  if (typeof record !== 'object' || record === null || typeof record['state'] !== 'string') {
    throw new Error('expected a fault record with a "state"');
  }
  if (record['state'] === 'intended') {
    const form = readForm({ steps: [record['step']] });
    if ('wrong' in form) throw new Error(form.wrong.join('; ').replaceAll('steps[0]', 'step'));
  }
  return value as FaultRecord;
}

/** The step with the nodes and links it had then. */
function pin(step: FaultStep, records: readonly FaultRecord[]): FaultStep {
  const armed = records.find((record) => record.state === 'armed' && record.id === step.id);
  const targets = armed?.state === 'armed' ? armed.targets : undefined;
  if (targets === undefined) return step;
  const links = linksOf(targets);
  return {
    ...step,
    selector: targets.nodes,
    ...(links === undefined ? {} : { parameters: { ...step.parameters, links } }),
  };
}

function linksOf({ detail }: Targets): Value | undefined {
  if (typeof detail !== 'object' || detail === null || Array.isArray(detail)) return undefined;
  return (detail as { readonly links?: Value }).links;
}

function parseJson(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ScheduleError(source, [`not JSON: ${(error as Error).message}`]);
  }
}

function checked(
  steps: readonly FaultStep[],
  source: string,
  known: KnownNames,
): readonly FaultStep[] {
  const problems = checkSchedule(steps, known);
  if (problems.length > 0) throw new ScheduleError(source, problems);
  return steps;
}
