/**
 * Names for leaderships, which Alluxio does not number. A master that steps down ends all its connections, so two of them
 * are of one leadership when the older one still answers after the younger one has.
 */
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import type { Cluster } from '../../../harness/testbed.ts';
import type { LeaderChannel } from './leader.ts';
import { masterInfo } from './master-calls.ts';

interface Named extends LeaderChannel {
  readonly name: string;
}

/** Of each cluster: the latest connection of each leadership that may last. */
const LATEST = new WeakMap<Cluster, Map<string, Named>>();
let leaderships = 0;

/** The name of the leadership that a connection is of, which has answered. */
export async function leadershipOf(cluster: Cluster, leader: LeaderChannel): Promise<string> {
  const known = LATEST.get(cluster) ?? new Map<string, Named>();
  LATEST.set(cluster, known);
  const before = known.get(leader.node);
  const same = before !== undefined && (await answers(before));
  const name = same ? before.name : `${leader.node} in leadership ${++leaderships}`;
  known.set(leader.node, { ...leader, name });
  return name;
}

async function answers({ channel }: LeaderChannel): Promise<boolean> {
  try {
    await masterInfo(channel);
    return true;
  } catch (error) {
    if (error instanceof DefiniteError || error instanceof IndefiniteError) return false;
    throw error;
  }
}
