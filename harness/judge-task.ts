/** What a judge's worker is told, and what it answers. Plain data: it crosses threads. */
import type { CheckerRef, RecordedRun, RunFacts, Verdict } from './checker.ts';
import { readRun } from './read-run.ts';

/** The run to judge: in memory, or in its directory (then each worker reads it itself). */
export type JudgedRun = { readonly run: RecordedRun } | { readonly directory: string };

export interface JudgeTask {
  readonly index: number;
  /** With `module` ready to be imported. */
  readonly checker: CheckerRef;
  readonly timeMs: number;
}

export type JudgeAnswer =
  /** The run is read and the checker loaded: its budget begins now. */
  | { readonly kind: 'began'; readonly index: number }
  | { readonly kind: 'verdict'; readonly index: number; readonly verdict: Verdict };

/** @throws CorruptJournalError when the directory does not hold what was written to it. */
export function loadRun(input: JudgedRun): RecordedRun {
  if ('run' in input) return input.run;
  const { directory } = input;
  const { spec, history, events, faults, cutOff } = readRun(directory);
  return { history, events, faults, facts: { ...factsIn(spec), directory, cutOff } };
}

function factsIn(spec: Readonly<Record<string, unknown>>): RunFacts {
  const facts = spec['facts'];
  if (isFacts(facts)) return facts;
  throw new TypeError('spec.json: expected facts with nodes, reads, concurrency and recoveryMs');
}

function isFacts(facts: unknown): facts is RunFacts {
  if (typeof facts !== 'object' || facts === null) return false;
  const { nodes, reads, concurrency, recoveryMs } = facts as Partial<Record<string, unknown>>;
  return (
    Array.isArray(nodes) &&
    Array.isArray(reads) &&
    typeof concurrency === 'number' &&
    typeof recoveryMs === 'number'
  );
}
