/**
 * The four session guarantees where answers tell versions, which order the writes of a key: a later read of a session
 * tells no lower version than an earlier one (monotonic reads) or than the session's own acknowledged write (read your
 * writes); a later write tells a higher version than the session's earlier write (monotonic writes) and than what it had
 * read (writes follow reads). Pure, linear in the history.
 */
import type { Sighting } from '../version-sightings.ts';
import { identityOf } from '../value-text.ts';
import type { Guarantee } from './guarantees.ts';
import { sessionNames } from './session-history.ts';

/** Two answers of one session of which the later tells too low a version. */
export interface VersionStepBack {
  readonly guarantee: Guarantee;
  readonly session: string;
  readonly earlier: Sighting;
  readonly later: Sighting;
}

/** What a session knew of a key. */
interface Known {
  read: Sighting | null;
  written: Sighting | null;
}

/**
 * The first for each guarantee, session and key.
 * @param sightings in order of invocation @param global versions count up over all keys (revisions, transaction ids),
 *   so that a session's writes are compared with all it saw, of whatever key; default: each key has its own.
 */
export function versionStepsBack(
  sightings: readonly Sighting[],
  global = false,
): VersionStepBack[] {
  const nameOf = sessionNames(sightings.map(({ pair }) => pair));
  const known = new Map<string, Known>();
  const found = new Map<string, VersionStepBack>();
  const knownOf = (place: string): Known => {
    const knowledge = known.get(place) ?? { read: null, written: null };
    known.set(place, knowledge);
    return knowledge;
  };
  for (const sighting of sightings) {
    const session = nameOf(sighting.pair);
    if (session === null) continue;
    const ofKey = knownOf(`${session} ${identityOf(sighting.key)}`);
    const ofAll = global ? knownOf(session) : ofKey;
    for (const [guarantee, earlier] of lowerThan(sighting, ofKey, ofAll)) {
      const place = `${guarantee} ${session} ${identityOf(sighting.key)}`;
      if (!found.has(place)) found.set(place, { guarantee, session, earlier, later: sighting });
    }
    for (const knowledge of new Set([ofKey, ofAll])) learn(knowledge, sighting);
  }
  return [...found.values()];
}

function lowerThan(sighting: Sighting, ofKey: Known, ofAll: Known): [Guarantee, Sighting][] {
  const { version, isWrite } = sighting;
  const broken: [Guarantee, Sighting][] = [];
  const compare = (guarantee: Guarantee, earlier: Sighting | null): void => {
    if (earlier === null) return;
    const isLower = isWrite ? version <= earlier.version : version < earlier.version;
    if (isLower) broken.push([guarantee, earlier]);
  };
  compare(isWrite ? 'writes-follow-reads' : 'monotonic-reads', (isWrite ? ofAll : ofKey).read);
  compare(isWrite ? 'monotonic-writes' : 'read-your-writes', (isWrite ? ofAll : ofKey).written);
  return broken;
}

function learn(knowledge: Known, sighting: Sighting): void {
  const last = sighting.isWrite ? knowledge.written : knowledge.read;
  if (last !== null && last.version >= sighting.version) return;
  if (sighting.isWrite) knowledge.written = sighting;
  else knowledge.read = sighting;
}
