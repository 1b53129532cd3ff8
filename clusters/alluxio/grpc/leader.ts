/** Who leads among the masters of Alluxio 2.x: whoever serves. A standby says of every call that there is none such. */
import { DefiniteError } from '../../../harness/client.ts';
import type { Clock } from '../../../harness/clock.ts';
import { MILLISECOND, type NodeName } from '../../../harness/operation.ts';
import type { Node } from '../../../harness/testbed.ts';
import { RPC_PORT } from '../servers.ts';
import { GrpcChannel } from './channel.ts';
import { masterInfo } from './master-calls.ts';

/** A master that is paused or gone answers nothing; one that leads takes some milliseconds. */
const ANSWER_LIMIT = 1_000 * MILLISECOND;

/** A connection to a master that serves. */
export interface LeaderChannel {
  readonly node: NodeName;
  readonly channel: GrpcChannel;
}

/**
 * Connects to all of these and keeps the connection to the first that serves, which may be a leader that was deposed
 * and does not know it.
 * @throws DefiniteError `refused` when none does
 */
export async function openLeader(
  masters: readonly Node[],
  clock: Clock,
  signal: AbortSignal,
): Promise<LeaderChannel> {
  const rivals = new AbortController();
  const attempts = masters.map((node) => openServing(node, clock, signal, rivals.signal));
  try {
    return await Promise.any(attempts);
  } catch (error) {
    const { errors } = error as AggregateError;
    const reasons = errors.map((each, index) => `${masters[index]?.name ?? ''}: ${textOf(each)}`);
    throw new DefiniteError('refused', `no master serves (${reasons.join('; ')})`);
  } finally {
    rivals.abort();
  }
}

/** Whether a master serves, answers that it does not, or is silent. */
export async function isLeading(node: Node, signal: AbortSignal): Promise<boolean> {
  const channel = await GrpcChannel.open(node.address, RPC_PORT, signal);
  try {
    await masterInfo(channel);
    return true;
  } catch (error) {
    if (error instanceof DefiniteError) return false;
    throw error;
  } finally {
    channel.close();
  }
}

/** The connection lives until `signal`; `given up` ends it only while it is not known to serve. */
async function openServing(
  node: Node,
  clock: Clock,
  signal: AbortSignal,
  givenUp: AbortSignal,
): Promise<LeaderChannel> {
  const life = new AbortController();
  const end = (): void => life.abort();
  const timer = clock.at(clock.now() + ANSWER_LIMIT, end);
  givenUp.addEventListener('abort', end, { once: true });
  try {
    const channel = await GrpcChannel.open(
      node.address,
      RPC_PORT,
      AbortSignal.any([signal, life.signal]),
    );
    await masterInfo(channel);
    return { node: node.name, channel };
  } catch (error) {
    end();
    throw error;
  } finally {
    timer.cancel();
    givenUp.removeEventListener('abort', end);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
