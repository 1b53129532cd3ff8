/**
 * The versions of the model: the master of KUDU-1353, with each of the ticket's four proposed solutions alone, and with
 * the three that were taken together in Kudu 0.10.0.
 */
import { unknownName } from '../../harness/nearest.ts';

/** What a version does about soft state that a new leader lacks. */
export interface Solutions {
  /** 1: a tablet server that turns to another master sends it a report of all its tablets. */
  readonly fullReportToNewLeader: boolean;
  /** 2: who leads a tablet is taken from what the masters agreed on, not from what this one was told. */
  readonly hardStateLeader: boolean;
  /** 3: tablet servers tell all masters, and those that do not lead remember it. */
  readonly heartbeatAllMasters: boolean;
  /** 4: the masters agree on the list of tablet servers: a new leader knows them all. */
  readonly persistedTabletServers: boolean;
}

const NONE: Solutions = {
  fullReportToNewLeader: false,
  hardStateLeader: false,
  heartbeatAllMasters: false,
  persistedTabletServers: false,
};

const SOLUTIONS: Readonly<Record<string, Solutions>> = {
  'soft-state-lost': NONE,
  'full-report-to-new-leader': { ...NONE, fullReportToNewLeader: true },
  'hard-state-leader': { ...NONE, hardStateLeader: true },
  'heartbeat-all-masters': { ...NONE, heartbeatAllMasters: true },
  'persisted-tablet-servers': { ...NONE, persistedTabletServers: true },
  correct: {
    fullReportToNewLeader: true,
    hardStateLeader: true,
    heartbeatAllMasters: true,
    persistedTabletServers: false,
  },
};

export const VERSIONS: readonly string[] = Object.keys(SOLUTIONS);

/** @throws RangeError for a version that there is not. */
export function solutionsOf(version: string): Solutions {
  const solutions = SOLUTIONS[version];
  if (solutions !== undefined) return solutions;
  throw new RangeError(unknownName('version of kudu-master-model', version, VERSIONS));
}
