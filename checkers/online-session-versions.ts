/** Session guarantees by version numbers, while the run goes on. */
import type { Anomaly, OnlineCheck, OnlineJudge } from '../harness/checker.ts';
import type { Operation } from '../harness/operation.ts';
import {
  type Sighting,
  sightingOf,
  stepBack,
  twoValues,
  versionOptions,
} from './version-sightings.ts';
import { identityOf } from './value-text.ts';

/** What was not looked at for longest is forgotten: the judgement at the end remembers all. */
const MOST_REMEMBERED = 50_000;
/** Of one key and session. A session rarely has more than one operation outstanding. */
const MOST_RECORDS = 16;
/** Faults are not known to it; the judgement at the end names them. */
const NO_FAULTS = { faults: [] };

/** Options: those of the checker at the end. */
export const watchSessionVersions: OnlineCheck = (options) =>
  new OnlineVersions(versionOptions(options));

class OnlineVersions implements OnlineJudge {
  readonly #options: ReturnType<typeof versionOptions>;
  readonly #pending = new Map<number, Operation>();
  /** Answers of ever higher versions, in order of completion, by session and key. */
  readonly #records = new Map<string, Sighting[]>();
  /** The first answer that told a version, by key and version. */
  readonly #first = new Map<string, Sighting>();

  constructor(options: ReturnType<typeof versionOptions>) {
    this.#options = options;
  }

  add(operation: Operation): Anomaly | null {
    if (operation.type === 'invoke') {
      this.#pending.set(operation.process, operation);
      return null;
    }
    const invoke = this.#pending.get(operation.process);
    this.#pending.delete(operation.process);
    if (invoke === undefined) return null;
    const sighting = sightingOf({ invoke, completion: operation }, this.#options);
    return sighting === null ? null : (this.#stepBack(sighting) ?? this.#secondValue(sighting));
  }

  #stepBack(sighting: Sighting): Anomaly | null {
    const place = `${sighting.session} ${identityOf(sighting.key)}`;
    const records = this.#records.get(place) ?? [];
    const asked = sighting.pair.invoke.index;
    const earlier = records.findLast(({ pair }) => (pair.completion?.index ?? Infinity) < asked);
    if (sighting.version >= (records.at(-1)?.version ?? -Infinity)) records.push(sighting);
    if (records.length > MOST_RECORDS) records.shift();
    remember(this.#records, place, records);
    return earlier !== undefined && sighting.version < earlier.version
      ? stepBack(NO_FAULTS, earlier, sighting)
      : null;
  }

  #secondValue(sighting: Sighting): Anomaly | null {
    if (sighting.value === undefined) return null;
    const version = `${identityOf(sighting.key)} ${String(sighting.version)}`;
    const first = this.#first.get(version) ?? sighting;
    remember(this.#first, version, first);
    return identityOf(first.value ?? null) === identityOf(sighting.value)
      ? null
      : twoValues(NO_FAULTS, first, sighting);
  }
}

/** Sets an entry, makes it the youngest, and forgets the oldest of too many. */
function remember<Value>(entries: Map<string, Value>, key: string, value: Value): void {
  entries.delete(key);
  entries.set(key, value);
  const [oldest] = entries.keys();
  if (entries.size > MOST_REMEMBERED && oldest !== undefined) entries.delete(oldest);
}
