/** Undoing: the one way in which faults are healed, by the harness itself, the guardian, the next start and `heal`. */
import type { Undo, UndoAct, UndoOutcome } from '../../../undo.ts';
import { type UndoHands, type UndoPerformer, UNDO_STAGES } from './hands.ts';
import { UNDO_ACTS } from './table.ts';

/**
 * Does what there is to do at each node stage by stage, each stage's acts at once; no node waits for another. One that
 * fails stops nothing. Never rejects.
 */
export async function performUndo(
  undo: Undo,
  hands: UndoHands,
  table: Readonly<Record<string, UndoPerformer>> = UNDO_ACTS,
): Promise<readonly UndoOutcome[]> {
  const unknown = undo.filter(({ act }) => table[act] === undefined);
  const nodes = [...new Set(undo.map(({ node }) => node))];
  const known = await Promise.all(
    nodes.map((node) =>
      performStages(
        undo.filter((act) => act.node === node),
        hands,
        table,
      ),
    ),
  );
  return [...unknown.map((act) => unknownAct(act)), ...known.flat()];
}

async function performStages(
  undo: Undo,
  hands: UndoHands,
  table: Readonly<Record<string, UndoPerformer>>,
): Promise<readonly UndoOutcome[]> {
  const outcomes: UndoOutcome[] = [];
  for (const stage of UNDO_STAGES) {
    const due = undo.filter(({ act }) => table[act]?.stage === stage);
    outcomes.push(...(await Promise.all(due.map((act) => performOne(act, hands, table)))));
  }
  return outcomes;
}

/** As `performUndo`. @throws with all that could not be done and the commands that do it */
export async function undoAll(undo: Undo, hands: UndoHands): Promise<void> {
  const outcomes = await performUndo(undo, hands);
  const problems = outcomes.flatMap(({ act, problem }) =>
    problem === null ? [] : [`${act.act}: ${problem.reason}; by hand: ${problem.command}`],
  );
  if (problems.length > 0) throw new Error(problems.join('; '));
}

async function performOne(
  act: UndoAct,
  hands: UndoHands,
  table: Readonly<Record<string, UndoPerformer>>,
): Promise<UndoOutcome> {
  const performer = table[act.act];
  if (performer === undefined) return unknownAct(act);
  try {
    await performer.perform(act, hands);
    return { act, problem: null };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { act, problem: { reason, command: commandOf(performer, act, hands) } };
  }
}

function commandOf(performer: UndoPerformer, act: UndoAct, hands: UndoHands): string {
  try {
    return performer.command(act, hands);
  } catch {
    return `faultline heal ${hands.runId}`; // What is written of the act does not tell.
  }
}

function unknownAct(act: UndoAct): UndoOutcome {
  const reason = `this version of faultline does not know the undo act "${act.act}"`;
  return { act, problem: { reason, command: 'faultline heal, of the version that made the run' } };
}
