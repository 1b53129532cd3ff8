/**
 * Session guarantees by version numbers, for systems that tell the version of what they read and write (ZooKeeper's
 * dataVersion, etcd's mod revision of a key): within a session the version of a key never decreases, and one version
 * of a key has one value, whoever reads it. (The second is broken only when acknowledged data was lost and the number
 * given out again, or when replicas differ.)
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../harness/checker.ts';
import { identityOf } from './value-text.ts';
import { sightingsOf, stepBack, twoValues, versionOptions } from './version-sightings.ts';
import type { Sighting } from './version-sightings.ts';

const MOST_TOLD = 10;

export { watchSessionVersions } from './online-session-versions.ts';

/** Options: see VersionOptions. */
export const checkSessionVersions: Check = (run, options): Verdict => {
  const sightings = sightingsOf(run, versionOptions(options));
  const anomalies = [...stepsBack(run, sightings), ...versionsWithTwoValues(run, sightings)];
  const sessions = new Set(sightings.map(({ session }) => session)).size;
  const figures = { versions: sightings.length, sessions, anomalies: anomalies.length };
  if (anomalies.length > 0) {
    const summary = `${String(anomalies.length)} anomalies in ${String(sessions)} sessions`;
    return { valid: 'invalid', summary, anomalies: anomalies.slice(0, MOST_TOLD), figures };
  }
  if (sightings.length === 0) {
    const summary = 'no answer told a version';
    return { valid: 'unknown', reason: 'vacuous', summary, figures };
  }
  const summary = `versions never decreased: ${String(sightings.length)} answers in ${String(sessions)} sessions`;
  return { valid: 'valid', summary, figures };
};

/** Answers that tell a lower version than an answer their session had got before it asked. */
function stepsBack(run: RecordedRun, sightings: readonly Sighting[]): Anomaly[] {
  const highest = new Map<string, Sighting[]>();
  const anomalies: Anomaly[] = [];
  for (const sighting of sightings) {
    const place = `${sighting.session} ${identityOf(sighting.key)}`;
    const records = highest.get(place) ?? [];
    highest.set(place, records);
    const asked = sighting.pair.invoke.index;
    const earlier = records.findLast(({ pair }) => (pair.completion?.index ?? Infinity) < asked);
    if (earlier !== undefined && sighting.version < earlier.version) {
      anomalies.push(stepBack(run, earlier, sighting));
    }
    const record = records.at(-1);
    if (record === undefined || sighting.version >= record.version) records.push(sighting);
  }
  return anomalies;
}

/** Versions of a key for which answers tell different values. */
function versionsWithTwoValues(run: RecordedRun, sightings: readonly Sighting[]): Anomaly[] {
  const first = new Map<string, Sighting>();
  const accused = new Set<string>();
  const anomalies: Anomaly[] = [];
  for (const sighting of sightings) {
    if (sighting.value === undefined) continue;
    const version = `${identityOf(sighting.key)} ${String(sighting.version)}`;
    const other = first.get(version);
    if (other === undefined) first.set(version, sighting);
    if (other?.value === undefined || accused.has(version)) continue;
    if (identityOf(other.value) === identityOf(sighting.value)) continue;
    accused.add(version);
    anomalies.push(twoValues(run, other, sighting));
  }
  return anomalies;
}
