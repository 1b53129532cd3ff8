/**
 * Whether the run tested anything: enough service before the first fault and after the last, faults that took effect,
 * faults that were felt, operations of each kind that were answered. A run that falls short is `unknown: vacuous`, never valid.
 */
import type { Check, RecordedRun, Verdict } from '../harness/checker.ts';
import type { Operation, Value } from '../harness/operation.ts';
import { numberOption } from './check-options.ts';
import type { CheckOptions } from './check-options.ts';
import { effectFigures, faultEffects, isFelt } from './fault-effects.ts';
import type { FaultEffect } from './fault-effects.ts';
import { faultWindows } from './fault-windows.ts';
import type { FaultWindow } from './fault-windows.ts';
import { isService } from './operation-pairs.ts';

/**
 * - `before`, `after`: services (`ok`, or rejected by the system itself) before the first fault fired and after the
 *   last one was healed; default 10 each. Without faults: `before` over the whole run.
 * - `during`: services while faults were in effect; default 0.
 * - `perF`: services of each `f` that was invoked at all; default 1.
 * - `faultsIntended`: how many faults the schedule has; default 0.
 * - `felt`: how many of the verified faults clients or observers must have felt (see fault-effects.ts); default 1. A
 *   run in which nobody noticed any fault is no evidence of standing them. 0 for faults that are meant to be masked.
 */
interface WorkOptions {
  readonly before: number;
  readonly during: number;
  readonly after: number;
  readonly perF: number;
  readonly faultsIntended: number;
  readonly felt: number;
}

const CUT_OFF = 'the run was cut off: its work is not complete';

export const checkMinimumWork: Check = (run, options): Verdict => {
  const wanted = workOptions(options);
  const windows = faultWindows(run.faults);
  const service = countService(run, windows);
  const skipped = windows.filter((window) => window.skipped !== null);
  const effects = faultEffects(run);
  const unfelt = effects.filter((effect) => !isFelt(effect)).map(({ window }) => window.id);
  if (run.facts.cutOff === true)
    return { valid: 'unknown', reason: 'interrupted', summary: CUT_OFF };
  const shortfalls = [
    ...serviceShortfalls(service, windows, wanted),
    ...faultShortfalls(windows, wanted),
    ...feltShortfalls(effects, wanted.felt),
    ...unansweredKinds(run.history, wanted.perF),
  ];
  const figures: Record<string, Value> = {
    serviceBefore: service.before,
    serviceDuring: service.during,
    serviceAfter: service.after,
    faults: windows.length,
    faultsVerified: effects.length,
    faultsFelt: effects.length - unfelt.length,
    faultsNotFelt: unfelt,
    faultsSkipped: skipped.map(({ id, skipped: reason }) => `${id}: ${reason ?? ''}`),
    effects: effectFigures(effects),
  };
  if (shortfalls.length > 0) {
    return { valid: 'unknown', reason: 'vacuous', summary: shortfalls.join('; '), figures };
  }
  const services = service.before + service.during + service.after;
  const summary = [
    `${String(services)} services`,
    `${String(effects.length)} faults verified`,
    ...(effects.length === 0 ? [] : [feltInWords(effects.length, unfelt)]),
    ...(skipped.length === 0 ? [] : [`${String(skipped.length)} skipped by name`]),
  ].join(', ');
  return { valid: 'valid', summary, figures };
};

/** `5 felt`, `4 felt (not pause-1)`. */
function feltInWords(verified: number, unfelt: readonly string[]): string {
  const not = unfelt.length === 0 ? '' : ` (not ${unfelt.join(', ')})`;
  return `${String(verified - unfelt.length)} felt${not}`;
}

function workOptions(options: CheckOptions): WorkOptions {
  return {
    before: numberOption(options, 'before', 10),
    during: numberOption(options, 'during', 0),
    after: numberOption(options, 'after', 10),
    perF: numberOption(options, 'perF', 1),
    faultsIntended: numberOption(options, 'faultsIntended', 0),
    felt: numberOption(options, 'felt', 1),
  };
}

interface ServiceCounts {
  readonly before: number;
  readonly during: number;
  readonly after: number;
}

function countService(run: RecordedRun, windows: readonly FaultWindow[]): ServiceCounts {
  const fired = windows.flatMap(({ from }) => (from === null ? [] : [from]));
  const first = Math.min(Infinity, ...fired);
  // A fault that was never healed leaves no time after it.
  const last = Math.max(
    0,
    ...windows.map(({ from, to }) => (from === null ? 0 : (to ?? Infinity))),
  );
  let before = 0;
  let during = 0;
  let after = 0;
  for (const operation of run.history) {
    if (operation.type === 'invoke' || !isService(operation)) continue;
    if (operation.time < first) before++;
    else if (operation.time > last) after++;
    else during++;
  }
  return { before, during, after };
}

function serviceShortfalls(
  service: ServiceCounts,
  windows: readonly FaultWindow[],
  wanted: WorkOptions,
): string[] {
  const fired = windows.some(({ from }) => from !== null);
  const short = (count: number, least: number, when: string): string[] =>
    count >= least ? [] : [`${String(count)} services ${when}, expected at least ${String(least)}`];
  if (!fired) return short(service.before, wanted.before, 'in the whole run');
  return [
    ...short(service.before, wanted.before, 'before the first fault'),
    ...short(service.during, wanted.during, 'during the faults'),
    ...short(service.after, wanted.after, 'after the last fault was healed'),
  ];
}

function faultShortfalls(windows: readonly FaultWindow[], wanted: WorkOptions): string[] {
  if (windows.length < wanted.faultsIntended) {
    const { faultsIntended } = wanted;
    return [`${String(windows.length)} faults intended, expected ${String(faultsIntended)}`];
  }
  const intended = windows.filter(({ skipped }) => skipped === null);
  if (windows.length > 0 && intended.length === 0) {
    const reasons = [...new Set(windows.map(({ skipped }) => skipped ?? ''))];
    return [`all faults were skipped: ${reasons.join(', ')}`];
  }
  return intended
    .filter(({ verified }) => !verified)
    .map(({ id, from, failed }) => {
      const why =
        failed !== null ? `failed: ${failed}` : from === null ? 'never fired' : 'not verified';
      return `fault ${id} did not take effect (${why})`;
    });
}

/** Asked only of faults that took effect; those that did not fall short already. */
function feltShortfalls(effects: readonly FaultEffect[], least: number): string[] {
  const felt = effects.filter(isFelt).length;
  if (effects.length === 0 || felt >= least) return [];
  const ids = effects.map(({ window }) => window.id).join(', ');
  const what =
    'no change of leader, and no operation that failed, stayed open or was held up while one was in effect';
  if (felt === 0) return [`nobody felt any fault (${ids}): ${what}`];
  return [`${String(felt)} faults felt, expected at least ${String(least)}`];
}

function unansweredKinds(history: readonly Operation[], least: number): string[] {
  const invoked = new Map<string, number>();
  const served = new Map<string, number>();
  for (const operation of history) {
    const { f, type } = operation;
    if (type === 'invoke') invoked.set(f, (invoked.get(f) ?? 0) + 1);
    else if (isService(operation)) served.set(f, (served.get(f) ?? 0) + 1);
  }
  if (invoked.size === 0) return ['no operation was invoked'];
  return [...invoked]
    .filter(([f]) => (served.get(f) ?? 0) < least)
    .map(
      ([f, count]) =>
        `${f}: ${String(served.get(f) ?? 0)} of ${String(count)} got service, expected at least ${String(least)}`,
    );
}
