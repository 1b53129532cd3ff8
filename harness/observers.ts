/**
 * Runs a system's observers: one loop for each observer and node, journaled through the event sink. A poll that fails
 * is `poll-failed` (unknown, never "false"); one that overruns its period simply makes the next one late.
 */
import { setMaxListeners } from 'node:events';
import type { Clock } from './clock.ts';
import type { EventSink } from './event.ts';
import { MILLISECOND } from './operation.ts';
import type { Observer } from './system.ts';
import type { Node } from './testbed.ts';

/** A poll that takes longer than this counts as failed. */
const POLL_LIMIT_MS = 2000;

export interface ObservationOptions {
  readonly clock: Clock;
  readonly events: EventSink;
  readonly nodes: readonly Node[];
  readonly observers: readonly Observer[];
  /** A bug in an observer of ours (not a failed poll) ends the run. */
  readonly failed: (error: Error) => void;
}

/** Polls until stopped. */
export interface Observation {
  /** Stops and waits for polls under way. */
  stop(): Promise<void>;
}

/** Starts polling every node with every observer. */
export function observe(options: ObservationOptions): Observation {
  const stopping = new AbortController();
  // Each loop listens once at a time: as many as there are observers and nodes is no leak.
  setMaxListeners(0, stopping.signal);
  const loops = options.observers.flatMap((observer) =>
    polledBy(observer, options.nodes).map((node) =>
      pollLoop(options, observer, node, stopping.signal),
    ),
  );
  return {
    stop: async () => {
      stopping.abort(new Error('observers stop'));
      await Promise.all(loops);
    },
  };
}

function polledBy(observer: Observer, nodes: readonly Node[]): readonly Node[] {
  return nodes.filter(({ name }) => observer.polls?.(name) ?? true);
}

async function pollLoop(
  options: ObservationOptions,
  observer: Observer,
  node: Node,
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    await pollOnce(options, observer, node, stopping);
    try {
      await options.clock.sleep(observer.periodMs * MILLISECOND, stopping);
    } catch {
      return; // The only reason to reject is `stopping`.
    }
  }
}

async function pollOnce(
  { clock, events, failed }: ObservationOptions,
  observer: Observer,
  node: Node,
  stopping: AbortSignal,
): Promise<void> {
  const limit = new AbortController();
  const stop = (): void => limit.abort(stopping.reason);
  stopping.addEventListener('abort', stop, { once: true });
  const began = clock.now();
  const timer = clock.at(began + POLL_LIMIT_MS * MILLISECOND, () =>
    limit.abort(new Error(`no answer within ${POLL_LIMIT_MS} ms`)),
  );
  try {
    await observer.poll(node, clock, events, limit.signal);
  } catch (error) {
    if (error instanceof TypeError || !(error instanceof Error)) failed(bug(observer, error));
    else if (!stopping.aborted) {
      events({
        type: 'poll-failed',
        observer: observer.name,
        node: node.name,
        message: error.message,
        notBefore: began,
        notAfter: clock.now(),
      });
    }
  } finally {
    timer.cancel();
    stopping.removeEventListener('abort', stop);
  }
}

function bug(observer: Observer, cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new Error(`observer ${observer.name} has a bug: ${message}`, { cause });
}
