/** What a run may set of an etcd cluster (`SystemOptions.extra`), resolved to a total type. */
import type { SystemOptions } from '../../harness/system.ts';

export interface EtcdOptions {
  /** Keys under `g/` that guarded transactions look at. Default: 1. */
  readonly guardKeys: number;
  /** `--snapshot-count`. Default: etcd's own. */
  readonly snapshotCount: number | null;
  /** `--backend-batch-interval`, in milliseconds. Default: etcd's own, 100 ms. */
  readonly backendBatchMs: number | null;
  /** `--heartbeat-interval`. Default: 100 ms, etcd's own. */
  readonly heartbeatMs: number;
  /** `--election-timeout`. Default: 1000 ms, etcd's own. */
  readonly electionMs: number;
  /** `--experimental-compaction-batch-limit`: revisions that a compaction removes at a time. Default: etcd's own, 1000. */
  readonly compactionBatchLimit: number | null;
  /**
   * A member that is started again makes a cluster of its own (`--force-new-cluster`), as an operator may do by mistake.
   * Deliberately wrong. Default: false.
   */
  readonly forceNewCluster: boolean;
}

const NAMES: readonly string[] = [
  'guardKeys',
  'snapshotCount',
  'backendBatchMs',
  'heartbeatMs',
  'electionMs',
  'compactionBatchLimit',
  'forceNewCluster',
];

/** @throws RangeError naming the option and what was expected of it. */
export function resolveOptions(extra: SystemOptions['extra']): EtcdOptions {
  const unknown = Object.keys(extra).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(`etcd has no option "${unknown}"; it has ${NAMES.join(', ')}`);
  }
  return {
    guardKeys: count(extra, 'guardKeys') ?? 1,
    snapshotCount: count(extra, 'snapshotCount'),
    backendBatchMs: count(extra, 'backendBatchMs'),
    heartbeatMs: count(extra, 'heartbeatMs') ?? 100,
    electionMs: count(extra, 'electionMs') ?? 1000,
    compactionBatchLimit: count(extra, 'compactionBatchLimit'),
    forceNewCluster: flag(extra, 'forceNewCluster'),
  };
}

function flag(extra: SystemOptions['extra'], name: keyof EtcdOptions): boolean {
  const text = extra[name] ?? 'false';
  if (text === 'true' || text === 'false') return text === 'true';
  throw new RangeError(`etcd option ${name} is "${text}", expected true or false`);
}

function count(extra: SystemOptions['extra'], name: keyof EtcdOptions): number | null {
  const text = extra[name];
  if (text === undefined) return null;
  if (!/^[1-9][0-9]{0,7}$/.test(text)) {
    throw new RangeError(
      `etcd option ${name} is "${text}", expected an integer from 1 to 99999999`,
    );
  }
  return Number(text);
}
