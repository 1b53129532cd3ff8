/** The versions of the model: one that is right, and three classic defects, each a switch. */
import { unknownName } from '../../harness/nearest.ts';

/** What a version does wrong. */
export interface Defects {
  /** Writes are acknowledged when the primary has them, before a backup does: lost at a failover. */
  readonly acksBeforeReplication: boolean;
  /** Reads are answered from the primary's memory, without asking whether it still is the primary. */
  readonly staleReads: boolean;
  /** The log is kept in memory only; a restarted replica votes with an empty one. */
  readonly forgetsOnRestart: boolean;
}

const NONE: Defects = {
  acksBeforeReplication: false,
  staleReads: false,
  forgetsOnRestart: false,
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

/** @throws RangeError for a version that there is not. */
export function defectsOf(version: string): Defects {
  const defects = DEFECTS[version];
  if (defects === undefined) {
    throw new RangeError(unknownName('version of primary-backup', version, VERSIONS));
  }
  return defects;
}
