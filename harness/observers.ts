/**
 * Runs a system's observers: one loop for each observer and node, journaled through the event sink. A poll that fails
 * is `poll-failed` (unknown, never "false"); one that overruns its period simply makes the next one late.
 */
import { bounded } from './bounded.ts';
import type { Clock } from './clock.ts';
import type { EventSink } from './event.ts';
import { MILLISECOND, SECOND, type Nanoseconds } from './operation.ts';
import type { Observer } from './system.ts';
import type { Node } from './testbed.ts';

/** A poll that takes longer than this counts as failed. */
const POLL_LIMIT = 2 * SECOND;

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
  const loops = options.observers.flatMap((observer) =>
    polledBy(observer, options.nodes).map((node) => new PollLoop(options, observer, node)),
  );
  const ends = loops.map((loop) => loop.run());
  return {
    stop: async () => {
      for (const loop of loops) loop.stop();
      await Promise.all(ends);
    },
  };
}

function polledBy(observer: Observer, nodes: readonly Node[]): readonly Node[] {
  return nodes.filter(({ name }) => observer.polls?.(name) ?? true);
}

/** One observer's polls of one node. */
class PollLoop {
  readonly #options: ObservationOptions;
  readonly #observer: Observer;
  readonly #node: Node;
  #stopped = false;
  /** Ends what is under way, a poll or the pause after it. */
  #end: (reason: unknown) => void = () => undefined;

  constructor(options: ObservationOptions, observer: Observer, node: Node) {
    this.#options = options;
    this.#observer = observer;
    this.#node = node;
  }

  async run(): Promise<void> {
    while (!this.#stopped) {
      await this.#poll();
      await this.#pause();
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#end(new Error('observers stop'));
  }

  #pause(): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      if (this.#stopped) return void resolve();
      const timer = clock.at(clock.now() + this.#observer.periodMs * MILLISECOND, resolve);
      this.#end = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  async #poll(): Promise<void> {
    const { clock, events, failed } = this.#options;
    const began = clock.now();
    try {
      await bounded(
        clock,
        POLL_LIMIT,
        `no answer within ${POLL_LIMIT / SECOND} s`,
        (signal) => this.#observer.poll(this.#node, clock, events, signal),
        (end) => (this.#end = end),
      );
    } catch (error) {
      if (error instanceof TypeError || !(error instanceof Error)) {
        failed(bug(this.#observer, error));
      } else if (!this.#stopped) {
        this.#tellFailed(error, began);
      }
    }
  }

  #tellFailed({ message }: Error, notBefore: Nanoseconds): void {
    const { clock, events } = this.#options;
    events({
      type: 'poll-failed',
      observer: this.#observer.name,
      node: this.#node.name,
      message,
      notBefore,
      notAfter: clock.now(),
    });
  }
}

function bug(observer: Observer, cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  return new Error(`observer ${observer.name} has a bug: ${message}`, { cause });
}
