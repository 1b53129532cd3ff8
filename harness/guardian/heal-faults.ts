/** Heals faults instead of the harness that fired them, and says so in the run's records. */
import type { Clock } from '../clock.ts';
import type { FaultRecord } from '../nemesis.ts';
import type { Nanoseconds } from '../operation.ts';
import type { UndoBackend, UndoOutcome } from '../undo.ts';
import type { FaultFile } from './fault-file.ts';
import { keyOf, type UnhealedFault, undoOf } from './unhealed.ts';

/** Who heals. */
export type Healer = 'guardian' | 'janitor';

/** A fault that is still there, with what does away with it. */
export interface NotHealed {
  readonly id: string;
  readonly reason: string;
  readonly command: string;
  /** Only a person can do it; trying again changes nothing. */
  readonly byHand: boolean;
}

/** The undo act that only a person can do. */
export const BY_HAND = 'by-hand';

export interface Healing {
  readonly backend: UndoBackend;
  readonly file: FaultFile;
  /** In the run's own time. */
  readonly clock: Clock;
  readonly by: Healer;
  /** Nobody else writes the records. */
  readonly alone: boolean;
}

/** Undoes these faults. Never rejects for what cannot be undone. @returns what is left */
export async function healFaults(
  faults: readonly UnhealedFault[],
  { backend, file, clock, by, alone }: Healing,
): Promise<readonly NotHealed[]> {
  if (faults.length === 0) return [];
  const began = clock.now();
  const outcomes = await backend.perform(undoOf(faults));
  const records = faults.map((fault) => recordOf(fault, outcomes, began, clock.now()));
  file.append(
    records.map((record) => ({ ...record, by })),
    alone,
  );
  return faults.flatMap(({ id, undo }) => {
    const failed = failuresOf(undo.map(keyOf), outcomes);
    if (failed.length === 0) return [];
    const text = (of: 'reason' | 'command'): string =>
      [...new Set(failed.map(({ problem }) => problem[of]))].join('; ');
    const byHand = failed.every(({ act }) => act.act === BY_HAND);
    return [{ id, reason: text('reason'), command: text('command'), byHand }];
  });
}

function recordOf(
  { id, undo }: UnhealedFault,
  outcomes: readonly UndoOutcome[],
  notBefore: Nanoseconds,
  notAfter: Nanoseconds,
): Exclude<FaultRecord, { state: 'intended' }> {
  const keys = undo.map(keyOf);
  const mine = outcomes.filter(({ act }) => keys.includes(keyOf(act)));
  const observations = mine.map(({ act, problem }) => ({
    means: `undo ${act.act}${act.node === undefined ? '' : ` ${act.node}`}`,
    seen: problem?.reason ?? 'done',
    confirms: problem === null,
  }));
  const at = { id, notBefore, notAfter: Math.max(notBefore, notAfter), observations };
  const failed = failuresOf(keys, outcomes);
  if (failed.length === 0) return { state: 'healed', ...at };
  const left = failed.map(({ problem }) => `${problem.reason}; by hand: ${problem.command}`);
  return { state: 'failed', ...at, reason: `not healed: ${[...new Set(left)].join('; ')}` };
}

type Failure = UndoOutcome & { readonly problem: NonNullable<UndoOutcome['problem']> };

function failuresOf(keys: readonly string[], outcomes: readonly UndoOutcome[]): readonly Failure[] {
  return outcomes.filter(
    (outcome): outcome is Failure => outcome.problem !== null && keys.includes(keyOf(outcome.act)),
  );
}
