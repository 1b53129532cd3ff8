/** The versions of the model: orders in which a follower does what synchronisation with a new leader asks of it. */
import { unknownName } from '../../harness/nearest.ts';

/** What a version does wrong. */
export interface Defects {
  /**
   * The log thread acknowledges a transaction that came with the synchronisation as soon as it is on disk, though the new
   * leader waits to hear first that it is acknowledged itself: ZOOKEEPER-4685, in 3.5.10 to 3.8.4 and 3.9.1.
   */
  readonly acknowledgesTooEarly: boolean;
  /** The new epoch is on disk before the transactions are: ZOOKEEPER-4643, in 3.4.13 to 3.8.4 and 3.9.1. */
  readonly epochBeforeLog: boolean;
}

const DEFECTS: Readonly<Record<string, Defects>> = {
  'ack-order': { acknowledgesTooEarly: true, epochBeforeLog: false },
  'epoch-before-log': { acknowledgesTooEarly: false, epochBeforeLog: true },
  // As 3.9.4: the log, then the epoch, then the acknowledgement of the leader.
  correct: { acknowledgesTooEarly: false, epochBeforeLog: false },
};

export const VERSIONS: readonly string[] = Object.keys(DEFECTS);

/** @throws RangeError for a version that there is not. */
export function defectsOf(version: string): Defects {
  const defects = DEFECTS[version];
  if (defects !== undefined) return defects;
  throw new RangeError(unknownName('version of zookeeper-sync-model', version, VERSIONS));
}
