/** From a recorded run to its verdict and results.json. */
import type { UnknownReason, Verdict, Validity } from '../checker.ts';
import { worst } from '../checker.ts';
import { judge, judgeInline } from '../judge.ts';
import { factsOf, type RunState } from '../run-state.ts';
import type { RunResult } from '../test.ts';

/** Closes the journals, judges, writes results.json. */
export async function judgeRun(state: RunState): Promise<RunResult> {
  closeJournals(state);
  const { spec, store } = state;
  const checkers = [...spec.workload.checkers, ...spec.checkers];
  const judged =
    spec.judgeInline === true || store.directory === null
      ? await judgeInline({ run: store.recorded(factsOf(spec, store.directory)), checkers })
      : await judge({ directory: store.directory, checkers });
  const verdicts: Record<string, Verdict> = { ...judged.verdicts, ...ownVerdicts(state) };
  const validity = worst(Object.values(verdicts).map((verdict) => verdict.valid));
  const summary = summarise(validity, verdicts);
  saveResults(state, { validity, summary, verdicts });
  return { validity, verdicts, summary, directory: store.directory, leftovers: state.leftovers, state };
}

function closeJournals(state: RunState): void {
  try {
    state.closeJournals();
  } catch (error) {
    state.fail(error); // A full disk: what was written stays, the verdict says so.
  }
}

function saveResults(state: RunState, results: object): void {
  try {
    state.store.writeJson('results.json', results);
  } catch (error) {
    state.fail(error);
  }
}

/** What the harness says of itself: failures, interruption, faults still in effect. */
function ownVerdicts(state: RunState): Record<string, Verdict> {
  const verdicts: Record<string, Verdict> = {};
  if (state.failure !== null) {
    verdicts['harness'] = unknown('harness-failure', `the harness failed: ${state.failure.message}`);
  }
  if (state.interrupted()) verdicts['interruption'] = unknown('interrupted', 'interrupted');
  if (state.notHealed.length > 0) {
    verdicts['healing'] = unknown('not-healed', `still in effect after heal: ${state.notHealed.join(', ')}`);
  }
  return verdicts;
}

function unknown(reason: UnknownReason, summary: string): Verdict {
  return { valid: 'unknown', reason, summary };
}

/** One line: the validity and the first verdict that made it so. */
export function summarise(validity: Validity, verdicts: Readonly<Record<string, Verdict>>): string {
  const decisive = Object.entries(verdicts).find(([, verdict]) => verdict.valid === validity);
  if (validity === 'valid' || decisive === undefined) return validity;
  const [name, verdict] = decisive;
  const reason = verdict.reason === undefined ? '' : `: ${verdict.reason}`;
  return `${validity}${reason} (${name}: ${verdict.summary})`;
}
