/**
 * Watch streams of a revisioned store: ordered, unique, gapless, resumable, and revisions never go back
 * (https://etcd.io/docs/v3.5/learning/api_guarantees/).
 *
 * A watch is an operation `watch` that lasted a while. It completes `ok` (or `info`, with what it had been told by then)
 * with
 *
 *     {from, key? or prefix?, revisions: [{revision, key, value, type?}], to?, compacted?, resumedFrom?}
 *
 * - `from`: the revision asked for, which and all later ones are to be told; null: those after the watch was made.
 * - `key`, `prefix`: what is watched; neither: all keys.
 * - `revisions`: what was told, in the order it came. `type` 'put' (default) or 'delete'.
 * - `to`: the server said that all up to this revision were told (a progress notification).
 * - `compacted`: the server said that revisions up to this one are gone, and ended the watch.
 * - `resumedFrom`: the last revision that a stream before had told, which this one resumes; as `from` one higher.
 *
 * Writers complete `ok` with {revision, …}; an answer without `revision`, or with `swapped` false, wrote nothing.
 */
import type { Anomaly, Check, RecordedRun, Verdict } from '../harness/checker.ts';
import { namesOption } from './check-options.ts';
import { placeOf } from './operation-pairs.ts';
import { proofOf } from './proof.ts';
import { vacuousVerdict, verdictOf } from './verdict-of.ts';
import { watchFaults } from './watching/watch-faults.ts';
import type { WatchFault, WatchFaultKind } from './watching/watch-faults.ts';
import { watchHistory } from './watching/watch-history.ts';

const GUARANTEED: Readonly<Record<WatchFaultKind, string>> = {
  'watch-unordered': 'A stream tells events in the order of their revisions.',
  'watch-duplicate': 'A stream tells no event twice.',
  'watch-before-start': 'A stream tells no event before the revision it was asked to begin with.',
  'watch-gap': 'A stream that tells a revision has told all before it, from where it began.',
  'watch-conflict': 'One revision of a key is one event, to all streams and to its writer.',
  'revision-decreased': 'A write begun after another was acknowledged gets a higher revision.',
  'revision-twice': 'No two writes of a key get the same revision.',
};
const MOST_TOLD = 10;

/**
 * Options:
 * - `watches`: default ['watch'].
 * - `writes`: operations that complete with {revision}: default ['put', 'delete', 'write', 'cas', 'txn'].
 *   Asked with [key, value] or {key, value}; with anything else, or as a `txn`, their key is not known.
 * - `deletes`: which of the writes delete; asked with a key, [key, …] or {key}; default ['delete'].
 */
export const checkWatchStreams: Check = (run, options): Verdict => {
  const history = watchHistory(run.history, {
    watches: namesOption(options, 'watches', ['watch']),
    writes: namesOption(options, 'writes', ['put', 'delete', 'write', 'cas', 'txn']),
    deletes: namesOption(options, 'deletes', ['delete']),
  });
  const faults = watchFaults(history);
  const told = history.streams.reduce((sum, { events }) => sum + events.length, 0);
  const figures = { streams: history.streams.length, events: told, writes: history.writes.length };
  if (faults.length > 0) {
    const anomalies = faults.slice(0, MOST_TOLD).map((fault) => anomalyOf(run, fault));
    return verdictOf(anomalies, { ...figures, faults: faults.length }, '');
  }
  if (told === 0) return vacuousVerdict('no watch was told an event', figures);
  const fine = `${String(told)} events in ${String(figures.streams)} streams: ordered, unique, gapless`;
  return verdictOf([], figures, fine);
};

function anomalyOf(run: RecordedRun, fault: WatchFault): Anomaly {
  const places = fault.pairs.map((pair) => `${pair.invoke.f} ${placeOf(pair)}`).join(', ');
  return {
    name: fault.kind,
    guarantee: GUARANTEED[fault.kind],
    explanation: `${fault.explanation} (${places}).`,
    ...proofOf(run, fault.pairs),
  };
}
