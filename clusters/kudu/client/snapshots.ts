/** Timestamps at which clients read one cluster: all that its clients share with each other. */
import type { Cluster } from '../../../harness/testbed.ts';

/** So many are kept. */
const MOST = 64;

/** Moments just after acknowledged writes; a snapshot has what was committed before it. */
export class Snapshots {
  readonly #timestamps: bigint[] = [];

  /** A write was acknowledged with this timestamp. */
  add(timestamp: bigint): void {
    this.#timestamps.push(timestamp + 1n);
    if (this.#timestamps.length > MOST) this.#timestamps.shift();
  }

  /** The last but so many, or the first that is kept; undefined before any. */
  back(count: number): bigint | undefined {
    return this.#timestamps[Math.max(0, this.#timestamps.length - 1 - count)];
  }
}

const ofClusters = new WeakMap<Cluster, Snapshots>();

/** Those of a cluster, the same for all its clients. */
export function snapshotsOf(cluster: Cluster): Snapshots {
  const known = ofClusters.get(cluster);
  if (known !== undefined) return known;
  const made = new Snapshots();
  ofClusters.set(cluster, made);
  return made;
}
