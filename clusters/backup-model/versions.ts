/** The versions of the model: the backup roles with what is wrong in them, one by one, all, and none. */
import { unknownName } from '../../harness/nearest.ts';

/** What a version does wrong. Seen in Alluxio's BackupLeaderRole, 2.2.0 to 2.9. */
export interface Defects {
  /** A heartbeat sets the state of whatever backup is current, and revives one that was abandoned. */
  readonly heartbeatWithoutId: boolean;
  /**
   * The connection of a delegated backup is kept after its end: its loss fails whatever backup is current then. What a
   * backup on the leader itself ends with is set whatever was said of it meanwhile.
   */
  readonly staleConnection: boolean;
  /** The thread that delegated a backup arms the abandon timer even if the backup ended before it got round to it. */
  readonly timerAfterEnd: boolean;
}

const NONE: Defects = { heartbeatWithoutId: false, staleConnection: false, timerAfterEnd: false };

const DEFECTS: Readonly<Record<string, Defects>> = {
  'heartbeat-without-id': { ...NONE, heartbeatWithoutId: true },
  'stale-connection': { ...NONE, staleConnection: true },
  'timer-after-end': { ...NONE, timerAfterEnd: true },
  'as-released': { heartbeatWithoutId: true, staleConnection: true, timerAfterEnd: true },
  correct: NONE,
};

export const VERSIONS: readonly string[] = Object.keys(DEFECTS);

/** @throws RangeError for a version that there is not. */
export function defectsOf(version: string): Defects {
  const defects = DEFECTS[version];
  if (defects !== undefined) return defects;
  throw new RangeError(unknownName('version of backup-model', version, VERSIONS));
}
