/** Which faults somebody else than the harness has to heal, by the records that it left. Pure. */
import type { FaultRecord } from '../nemesis.ts';
import type { Nanoseconds } from '../operation.ts';
import type { Undo, UndoAct } from '../undo.ts';

/** A fault that was armed, and of which nobody says that it is healed. */
export interface UnhealedFault {
  readonly id: string;
  readonly undo: Undo;
  /** In run time; null: none was given. */
  readonly deadline: Nanoseconds | null;
}

/**
 * In the order of arming. One that was armed may have fired, though no record of that reached the disk; one that was
 * skipped never did.
 */
export function unhealedFaults(records: readonly FaultRecord[]): readonly UnhealedFault[] {
  const open = new Map<string, UnhealedFault>();
  for (const record of records) {
    if (record.state === 'intended') continue;
    const { id, state } = record;
    if (state === 'healed' || state === 'skipped') open.delete(id);
    const known = open.get(id);
    const deadline = record.deadline ?? known?.deadline ?? null;
    if (state === 'armed') open.set(id, { id, undo: record.undo ?? [], deadline });
    else if (known !== undefined) open.set(id, { ...known, deadline });
  }
  return [...open.values()];
}

/**
 * Those that are to be healed though the harness lives, as it does not answer: whose deadline is over, and all that
 * undoing those would undo too (two cuts at one node share its rules).
 */
export function overdueFaults(
  records: readonly FaultRecord[],
  now: Nanoseconds,
): readonly UnhealedFault[] {
  const open = unhealedFaults(records);
  const due = new Set(open.filter(({ deadline }) => deadline !== null && deadline <= now));
  if (due.size === 0) return [];
  const touched = new Set<string>();
  // Grows until nothing joins it any more.
  for (let before = -1; before < due.size;) {
    before = due.size;
    for (const fault of due) fault.undo.forEach((act) => touched.add(placeOf(act)));
    for (const fault of open) {
      if (fault.undo.some((act) => touched.has(placeOf(act)))) due.add(fault);
    }
  }
  return open.filter((fault) => due.has(fault));
}

function placeOf({ act, node }: UndoAct): string {
  return `${act} ${node ?? ''}`;
}

/** Everything that undoes them, each act once: acts are absolute, doing one twice changes nothing. */
export function undoOf(faults: readonly UnhealedFault[]): Undo {
  return [...new Map(faults.flatMap(({ undo }) => undo.map((act) => [keyOf(act), act]))).values()];
}

/** Equal for acts that say the same. */
export function keyOf(act: UndoAct): string {
  return JSON.stringify(Object.entries(act).sort(([a], [b]) => (a < b ? -1 : 1)));
}
