/**
 * The versions of the model: one that is right, three with a classic defect, each a switch, and one for each place of the
 * log where a single thing goes wrong.
 */
import { unknownName } from '../../harness/nearest.ts';

/** What a version does wrong. */
export interface Defects {
  /** Writes are acknowledged when the primary has them, before a backup does: lost at a failover. */
  readonly acksBeforeReplication: boolean;
  /** Reads are answered from the primary's memory, without asking whether it still is the primary. */
  readonly staleReads: boolean;
  /** The log is kept in memory only; a restarted replica votes with an empty one. */
  readonly forgetsOnRestart: boolean;
  /** This entry of the log, counted from 1, is answered as if it had taken effect, and does not. Null: none. */
  readonly losesEntry: number | null;
  /** This entry of the log, a read, is answered with what was there before the latest change. Null: none. */
  readonly staleEntry: number | null;
}

const NONE: Defects = {
  acksBeforeReplication: false,
  staleReads: false,
  forgetsOnRestart: false,
  losesEntry: null,
  staleEntry: null,
};

const DEFECTS: Readonly<Record<string, Defects>> = {
  'acks-before-replication': { ...NONE, acksBeforeReplication: true },
  'stale-reads': { ...NONE, staleReads: true },
  'forgets-on-restart': { ...NONE, forgetsOnRestart: true },
  correct: NONE,
};

/** The versions with a defect. */
export const DEFECTIVE_VERSIONS: readonly string[] = Object.keys(DEFECTS).filter(
  (version) => version !== 'correct',
);

export const VERSIONS: readonly string[] = Object.keys(DEFECTS);

/** Versions that are wrong once: `loses-entry-17`, `stale-entry-17`. */
const ONCE = /^(?<defect>loses|stale)-entry-(?<entry>[1-9]\d*)$/;

/** @throws RangeError for a version that there is not. */
export function defectsOf(version: string): Defects {
  const once = ONCE.exec(version)?.groups;
  if (once !== undefined) {
    const entry = Number(once['entry']);
    return once['defect'] === 'loses'
      ? { ...NONE, losesEntry: entry }
      : { ...NONE, staleEntry: entry };
  }
  const defects = DEFECTS[version];
  if (defects === undefined) {
    throw new RangeError(unknownName('version of primary-backup', version, VERSIONS));
  }
  return defects;
}
