/** What the regressions of Alluxio's backup role (2.x) have in common: the cluster, the load, steps on whoever works. */
import { backupWorkload } from '../clusters/alluxio/workloads/backup.ts';
import type { BackupKind } from '../clusters/alluxio/grpc/backup-calls.ts';
import type { FaultStep, Trigger } from '../harness/nemesis.ts';
import { MILLISECOND, SECOND } from '../harness/operation.ts';
import type { Workload } from '../harness/workload.ts';
import type { LivePlan } from './regression.ts';

export const MASTERS = ['m1', 'm2', 'm3'] as const;

/** A standby's log line when it writes a backup for its leader; and whoever's who has written one. */
export const WORKS = 'BackupWorkerRole - Journal transition completed. Taking a backup';
export const HAS_WRITTEN = 'BackupManager - Created backup with';

/**
 * 8000 directories make a backup of some 0.2 s, time enough for a fault. A heartbeat is due each 2 s, so that 3 s is the
 * least time after which a leader may give a backup up.
 */
export const BACKUP_CLUSTER = {
  nodes: MASTERS,
  concurrency: 3,
  deadline: 10 * SECOND,
  extra: { directories: '8000', abandonMs: '3000' },
  // The fault is aimed at the first backup, after milliseconds; that masters served before, the making of the directories
  // has shown. The loss of a standby is felt by nobody but its backups.
  leastWork: { before: 0, after: 3, felt: 0 },
  alone: 'system',
} as const satisfies Partial<LivePlan>;

/**
 * Backups of these kinds, one after another, polled each 5 ms; one client makes directories meanwhile.
 * @param polled how many of the newest are polled, in turn
 */
export function backupsInTurn(kinds: readonly BackupKind[], polled = 2): Workload {
  return backupWorkload(
    { rate: 40 },
    {
      kind: (ordinal) => kinds[ordinal] ?? null,
      first: 2 * SECOND,
      gap: 200 * MILLISECOND,
      pollEvery: 5 * MILLISECOND,
      polled,
    },
  );
}

/** One step for each master that may be the one; those that nothing is asked of never fire. */
export function onWhoeverWorks(
  kind: 'pause' | 'kill',
  trigger: (master: string) => Trigger,
  heal: Trigger,
): readonly FaultStep[] {
  return MASTERS.map((master, draw) => ({
    id: `${kind}-${master}`,
    lane: master,
    kind,
    selector: [master],
    trigger: trigger(master),
    heal,
    draw,
  }));
}

/** A line of any master's log. */
export function anyLog(pattern: string): Trigger {
  return { or: MASTERS.map((node) => ({ log: { node, pattern } })) };
}

/** A line of this master's log. */
export function logOf(node: string, pattern: string): Trigger {
  return { log: { node, pattern } };
}
