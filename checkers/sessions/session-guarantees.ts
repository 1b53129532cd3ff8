/**
 * Session guarantees of registers, judged for each session (not each process): see guarantees.ts for what they are, and
 * for the order of writes that they speak of.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../../harness/checker.ts';
import { unknownName } from '../../harness/nearest.ts';
import { flagOption, namesOption } from '../check-options.ts';
import type { CheckOptions } from '../check-options.ts';
import { placeOf } from '../operation-pairs.ts';
import type { OperationPair } from '../operation-pairs.ts';
import { proofOf } from '../proof.ts';
import { sightingsOf, versionOptions } from '../version-sightings.ts';
import { textOf } from '../value-text.ts';
import { vacuousVerdict, verdictOf } from '../verdict-of.ts';
import { brokenGuarantee, GUARANTEES } from './guarantees.ts';
import type { BrokenGuarantee, BrokenStep, Guarantee } from './guarantees.ts';
import { registerOptions } from '../register-history.ts';
import { sessionHistory } from './session-history.ts';
import type { SessionAccess, SessionHistory } from './session-history.ts';
import { versionStepsBack } from './version-guarantees.ts';
import type { VersionStepBack } from './version-guarantees.ts';

const GUARANTEED: Readonly<Record<Guarantee, string>> = {
  'monotonic-reads': 'A session that has read a write reads no older one afterwards.',
  'read-your-writes': 'A session reads no write older than its own acknowledged ones.',
  'monotonic-writes': "A session's writes take effect in the order it made them.",
  'writes-follow-reads': 'A write takes effect after every write that its session had read.',
};
const MOST_STEPS = 8;
const MOST_TOLD = 10;

/**
 * Options:
 * - `guarantees`: which ones; default all four: each for itself, and then whether one order of the writes has them all.
 * - `reads`, `writes`, `cas`, `keyed`, `initial`: as of a register; defaults ['read'], ['write'], ['cas'], false, null.
 * - `versions`: answers tell versions ({value, version}), which are judged as well; default false.
 * - `globalVersions`: versions count up over all keys; default false.
 */
export const checkSessionGuarantees: Check = (run, options): Verdict => {
  const guarantees = guaranteesOption(options);
  const history = sessionHistory(run.history, registerOptions(options));
  const anomalies = [
    ...brokenOnes(history, guarantees).map((broken) => anomalyOf(run, history, broken)),
    ...versionAnomalies(run, options, guarantees),
  ];
  const accesses = [...history.sessions.values()].reduce((sum, { length }) => sum + length, 0);
  const figures = {
    sessions: history.sessions.size,
    accesses,
    ambiguousReads: history.ambiguousReads,
    guarantees: [...guarantees],
  };
  if (anomalies.length > 0) return verdictOf(anomalies.slice(0, MOST_TOLD), figures, '');
  const reads = [...history.sessions.values()].some((all) => all.some(({ read }) => read !== null));
  if (!reads) return vacuousVerdict('no session read a value whose write can be told', figures);
  const fine = `${guarantees.join(', ')} hold in ${String(history.sessions.size)} sessions`;
  return verdictOf([], figures, fine);
};

function guaranteesOption(options: CheckOptions): Guarantee[] {
  return namesOption(options, 'guarantees', GUARANTEES).map((name) => {
    const guarantee = GUARANTEES.find((known) => known === name);
    if (guarantee !== undefined) return guarantee;
    throw new TypeError(`option guarantees: ${unknownName('guarantee', name, GUARANTEES)}`);
  });
}

/** Each broken one; all together only when each holds for itself. */
function brokenOnes(history: SessionHistory, guarantees: readonly Guarantee[]): BrokenGuarantee[] {
  const single = guarantees.flatMap((guarantee) => brokenGuarantee(history, [guarantee]) ?? []);
  if (single.length > 0 || guarantees.length < 2) return single;
  const together = brokenGuarantee(history, guarantees);
  return together === null ? [] : [together];
}

function anomalyOf(
  run: RecordedRun,
  history: SessionHistory,
  { guarantees, steps }: BrokenGuarantee,
): Anomaly {
  const [only] = guarantees;
  const isOne = guarantees.length === 1 && only !== undefined;
  const pairs = steps.flatMap(({ from, to, accesses }) => [
    ...[from, to].flatMap((write) => history.writes[write]?.pair ?? []),
    ...accesses.map(({ pair }) => pair),
  ]);
  const told = steps.slice(0, MOST_STEPS).map((step) => stepText(history, step));
  const more = steps.length > MOST_STEPS ? [`${String(steps.length - MOST_STEPS)} more`] : [];
  return {
    name: isOne ? `broken-${only}` : 'broken-session-guarantees',
    guarantee: isOne
      ? GUARANTEED[only]
      : `One order of all writes has ${guarantees.join(', ')} together.`,
    explanation: `No order of the writes does: ${[...told, ...more].join('; ')}.`,
    ...proofOf(run, pairs),
  };
}

/** `1 must come before 2, as session 7 read 1 (#3–#4) and then read 2 (#5–#6)`. */
function stepText(history: SessionHistory, { from, to, accesses, session }: BrokenStep): string {
  const order = `${writeText(history, from)} must come before ${writeText(history, to)}`;
  if (session === null) return `${order}, as it was there at the beginning`;
  const did = accesses.map((access) => accessText(history, access)).join(' and then ');
  return `${order}, as session ${session} ${did}`;
}

function writeText(history: SessionHistory, write: number): string {
  const { key = null, value = null } = history.writes[write] ?? {};
  return key === null ? textOf(value) : `${textOf(value)} of ${textOf(key)}`;
}

function accessText(history: SessionHistory, { pair, read, written }: SessionAccess): string {
  const parts = [
    ...(read === null ? [] : [`read ${writeText(history, read)}`]),
    ...(written === null ? [] : [`wrote ${writeText(history, written)}`]),
  ];
  return `${parts.join(' and ')} (${placeOf(pair)})`;
}

function versionAnomalies(
  run: RecordedRun,
  options: CheckOptions,
  guarantees: readonly Guarantee[],
): Anomaly[] {
  if (!flagOption(options, 'versions', false)) return [];
  const sightings = sightingsOf(run, versionOptions(options));
  return versionStepsBack(sightings, flagOption(options, 'globalVersions', false))
    .filter(({ guarantee }) => guarantees.includes(guarantee))
    .map((step) => versionAnomaly(run, step));
}

function versionAnomaly(
  run: RecordedRun,
  { guarantee, session, earlier, later }: VersionStepBack,
): Anomaly {
  const pairs: OperationPair[] = [earlier.pair, later.pair];
  const told = [earlier, later].map(
    ({ pair, version }) => `${pair.invoke.f} ${placeOf(pair)} told version ${String(version)}`,
  );
  return {
    name: `broken-${guarantee}`,
    guarantee: GUARANTEED[guarantee],
    explanation: `Session ${session}, key ${textOf(later.key)}: ${told.join(', and then ')}.`,
    ...proofOf(run, pairs),
  };
}
