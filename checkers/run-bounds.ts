/** The part of a run that is judged: from its main phase on, until its nodes are taken down. */
import type { RecordedRun } from '../harness/checker.ts';
import type { PhaseBegan } from '../harness/event.ts';
import type { Nanoseconds, Value } from '../harness/operation.ts';
import type { Interval } from './quorum-windows.ts';

/** Default of the option `mainPhase` of every checker that has it. */
export const MAIN_PHASE = 'drive';
/** After these began nodes go away. */
const LAST_PHASES: ReadonlySet<string> = new Set(['collect', 'tear down']);

/**
 * From the beginning of the main phase (of the records where there is none) until the end of the records, or until the
 * nodes' logs are collected. Both pessimistic: surely in the main phase, surely not in a later one.
 */
export function runBounds(run: RecordedRun, mainPhase: Value = MAIN_PHASE): Interval {
  const phases = run.events.filter((event): event is PhaseBegan => event.type === 'phase');
  const main = phases.find(({ phase }) => phase === mainPhase);
  const last = phases.find(({ phase }) => LAST_PHASES.has(phase));
  let begin: Nanoseconds = run.history[0]?.time ?? Infinity;
  let end: Nanoseconds = run.history.at(-1)?.time ?? 0;
  for (const { notBefore, notAfter } of run.events) {
    begin = Math.min(begin, notBefore);
    end = Math.max(end, notAfter);
  }
  return {
    from: main?.notAfter ?? (begin === Infinity ? 0 : begin),
    to: Math.min(last?.notBefore ?? Infinity, end),
  };
}
