/** From a recorded run to its verdict and results.json. */
import type { CheckerRef, UnknownReason, Verdict, Validity } from '../checker.ts';
import { worst } from '../checker.ts';
import { HarnessBugError } from '../connection.ts';
import { judge, judgeInline, type Judgement } from '../judge.ts';
import { isKnown, type KnownIssueContext, knownIssuesIn, markKnown } from '../known-issue.ts';
import { onlineVerdict } from '../online/online-judging.ts';
import { factsOf, type RunState } from '../run-state.ts';
import type { RunStore } from '../store.ts';
import type { RunResult, TestSpec } from '../test.ts';

/** Closes the journals, judges, writes results.json. */
export async function judgeRun(state: RunState): Promise<RunResult> {
  closeJournals(state);
  await state.online?.stop();
  const { spec, store } = state;
  const checkers = [...spec.workload.checkers, ...spec.checkers];
  const began = spec.clock.now();
  spec.progress.phaseBegan('judge');
  const judged = await judgeRecorded(spec, store, checkers);
  spec.progress.phaseEnded('judge', spec.clock.now() - began);
  let results = compose(state, judged);
  if (!saveResults(state, results)) results = compose(state, judged);
  return { ...results, directory: store.directory, leftovers: state.leftovers, state };
}

async function judgeRecorded(
  spec: TestSpec,
  store: RunStore,
  checkers: readonly CheckerRef[],
): Promise<Judgement> {
  const { directory } = store;
  if (directory === null) {
    return judgeInline({ run: store.recorded(factsOf(spec, null)), checkers });
  }
  return spec.judgeInline === true
    ? judgeInline({ directory, checkers })
    : judge({ directory, checkers });
}

type Results = Pick<RunResult, 'validity' | 'verdicts' | 'summary'>;

/** Names of the verdicts that the harness gives of itself; no checker has one of them. */
export const OWN_VERDICTS: readonly string[] = ['harness', 'interruption', 'healing', 'online'];

/** What the harness says of itself comes first: it explains what checkers find wanting. */
function compose(state: RunState, judged: Judgement): Results {
  const told = { ...ownVerdicts(state), ...judged.verdicts };
  const verdicts = markKnown(told, knownIssueContext(state));
  const validity = worst(Object.values(verdicts).map((verdict) => verdict.valid));
  return { validity, verdicts, summary: summarise(validity, verdicts) };
}

function knownIssueContext({ spec, store, driving }: RunState): KnownIssueContext {
  const { version, otherVersions = [] } = spec.systemOptions;
  return {
    issues: spec.system.knownIssues ?? [],
    versions: [version, ...otherVersions],
    faults: driving?.lanes.log ?? [],
    directory: store.directory,
  };
}

function closeJournals(state: RunState): void {
  try {
    state.closeJournals();
  } catch (error) {
    state.fail(error); // A full disk: what was written stays, the verdict says so.
  }
}

/** @returns whether it could be written */
function saveResults(state: RunState, results: Results): boolean {
  try {
    state.store.writeJson('results.json', results);
    return true;
  } catch (error) {
    state.fail(error);
    return false;
  }
}

/** What the harness says of itself: failures, interruption, faults still in effect. */
function ownVerdicts(state: RunState): Record<string, Verdict> {
  const verdicts: Record<string, Verdict> = {};
  if (state.failure !== null) {
    verdicts['harness'] = unknown(
      'harness-failure',
      `the harness failed: ${state.failure.message}`,
    );
  }
  const { reason } = state.interrupt as { reason: unknown };
  if (state.interrupted() && !(reason instanceof HarnessBugError)) {
    verdicts['interruption'] = unknown('interrupted', 'the run was ended before its time');
  }
  if (state.notHealed.length > 0) {
    verdicts['healing'] = unknown(
      'not-healed',
      `still in effect after heal: ${state.notHealed.join(', ')}`,
    );
  }
  const online = onlineVerdict(state.online?.violations ?? []);
  if (online !== null) verdicts['online'] = online;
  return verdicts;
}

function unknown(reason: UnknownReason, summary: string): Verdict {
  return { valid: 'unknown', reason, summary };
}

/** One line: the validity and the first verdict that made it so, one that is no known issue before others. */
export function summarise(validity: Validity, verdicts: Readonly<Record<string, Verdict>>): string {
  const all = Object.entries(verdicts).filter(([, verdict]) => verdict.valid === validity);
  const decisive = all.find(([, verdict]) => !isKnown(verdict)) ?? all[0];
  if (validity === 'valid' || decisive === undefined) return validity;
  const [name, verdict] = decisive;
  const reason = verdict.reason === undefined ? '' : `: ${verdict.reason}`;
  const known = isKnown(verdict) ? `, known: ${knownIssuesIn(verdicts).join(', ')}` : '';
  return `${validity}${reason}${known} (${name}: ${verdict.summary})`;
}
