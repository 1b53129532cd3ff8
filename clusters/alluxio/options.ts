/** What a run may set of an Alluxio cluster (`SystemOptions.extra`), resolved to a total type. */
import type { SystemOptions } from '../../harness/system.ts';

export interface AlluxioOptions {
  /** Workers. Default: 2 for 1.x, none for 2.x. */
  readonly workers: number;
  /**
   * Where masters keep their journal: `zookeeper` elects them and the journal is on the shared volume, or `embedded`
   * (Raft among the masters, from 2 on). Default: zookeeper for 1.x, embedded for 2.x.
   */
  readonly journal: 'zookeeper' | 'embedded';
  /** How long a new leader waits for workers (alluxio.master.worker.connect.wait.time). Default: 1000 ms. */
  readonly safeModeMs: number;
  /** Of the masters' sessions with ZooKeeper. Default: 4000 ms, a fifteenth of Alluxio's. */
  readonly sessionTimeoutMs: number;
  /** Memory that each worker declares, in MiB. Default: 64. */
  readonly workerMemoryMb: number;
  /** How long a request of a worker or client is tried again. Default: 20,000 ms, a sixth of Alluxio's. */
  readonly retryMs: number;
  /** Where files are written that say nothing of it: the workers' memory, or the shared store as well. */
  readonly writeType: 'MUST_CACHE' | 'CACHE_THROUGH';
  /** A delegated backup that is not heard of for so long is abandoned (2.x). Default: 60,000 ms, Alluxio's own. */
  readonly abandonMs: number;
  /** Directories that are there from the beginning (2.x), so that backups take their time. Default: 0. */
  readonly directories: number;
}

const NAMES: readonly (keyof AlluxioOptions)[] = [
  'workers',
  'journal',
  'safeModeMs',
  'sessionTimeoutMs',
  'workerMemoryMb',
  'retryMs',
  'writeType',
  'abandonMs',
  'directories',
];

/** @throws RangeError naming the option and what was expected of it. */
export function resolveOptions({
  version,
  extra,
}: Pick<SystemOptions, 'version' | 'extra'>): AlluxioOptions {
  const unknown = Object.keys(extra).find((name) => !NAMES.some((known) => known === name));
  if (unknown !== undefined) {
    throw new RangeError(`alluxio has no option "${unknown}"; it has ${NAMES.join(', ')}`);
  }
  const isOne = version.startsWith('1.');
  const journal = choice(extra, 'journal', ['zookeeper', 'embedded']);
  if (isOne && journal === 'embedded') {
    throw new RangeError(`alluxio ${version} has no embedded journal; expected zookeeper`);
  }
  return {
    workers: count(extra, 'workers') ?? (isOne ? 2 : 0),
    journal: journal ?? (isOne ? 'zookeeper' : 'embedded'),
    safeModeMs: count(extra, 'safeModeMs') ?? 1000,
    sessionTimeoutMs: count(extra, 'sessionTimeoutMs') ?? 4000,
    workerMemoryMb: count(extra, 'workerMemoryMb') ?? 64,
    retryMs: count(extra, 'retryMs') ?? 20_000,
    writeType: choice(extra, 'writeType', ['MUST_CACHE', 'CACHE_THROUGH']) ?? 'MUST_CACHE',
    abandonMs: count(extra, 'abandonMs') ?? 60_000,
    directories: count(extra, 'directories') ?? 0,
  };
}

function choice<T extends string>(
  extra: SystemOptions['extra'],
  name: keyof AlluxioOptions,
  known: readonly T[],
): T | null {
  const text = extra[name];
  if (text === undefined) return null;
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new RangeError(`alluxio option ${name} is "${text}", expected ${known.join(' or ')}`);
}

function count(extra: SystemOptions['extra'], name: keyof AlluxioOptions): number | null {
  const text = extra[name];
  if (text === undefined) return null;
  if (!/^[0-9]{1,8}$/.test(text)) {
    throw new RangeError(
      `alluxio option ${name} is "${text}", expected an integer from 0 to 99999999`,
    );
  }
  return Number(text);
}
