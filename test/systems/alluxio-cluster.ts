/** What the tests of Alluxio's errors, of either generation, have in common: a cluster, waiting, what came of a call. */
import { alluxio } from '../../clusters/alluxio/system.ts';
import { nodesFor } from '../../clusters/test-spec.ts';
import { DefiniteError, IndefiniteError } from '../../harness/client.ts';
import { realClock } from '../../harness/clock.ts';
import { MILLISECOND, SECOND } from '../../harness/operation.ts';
import type { System, SystemOptions } from '../../harness/system.ts';
import { liveCluster, type LiveCluster } from '../live/live-cluster.ts';

export interface AlluxioCluster {
  readonly version: string;
  readonly extra: SystemOptions['extra'];
  /** How long set-up may take: until a master leads, and has made the parents of all entries. */
  readonly setupMs: number;
}

/** Brings one up and waits until it serves. @param name of the run; unique on the machine */
export function bringUpAlluxio(
  { version, extra, setupMs }: AlluxioCluster,
  name: string,
): Promise<LiveCluster> {
  const bounded: System = {
    ...alluxio,
    setup: async (cluster, options) =>
      alluxio.setup?.(cluster, options, AbortSignal.timeout(setupMs)),
  };
  return liveCluster(
    bounded,
    { version, nodes: nodesFor(alluxio, { version, extra }), extra },
    name,
  );
}

/** `definite rejected NOT_FOUND`, `indefinite 13`, `ok`. @throws whatever is neither */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (error instanceof DefiniteError) {
      return `definite ${error.reason} ${error.code ?? ''}`.trim();
    }
    if (error instanceof IndefiniteError) return `indefinite ${error.code ?? ''}`.trim();
    throw error;
  }
}

/** Polls, 60 s at most, until it holds; an error counts as "not yet". */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const clock = realClock();
  const limit = clock.now() + 60 * SECOND;
  while (!(await holds().catch(() => false))) {
    if (clock.now() > limit) throw new Error('not within 60 s');
    await clock.sleep(50 * MILLISECOND);
  }
}
