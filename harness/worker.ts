/**
 * One logical thread: opens its client, sends one operation at a time, and types what comes back.
 *
 * A completion is stamped here, in the reaction to the client's promise, not when somebody gets round to it. What
 * settles after its deadline is ignored: the connection it came from is dead by then.
 */
import { type Client, DefiniteError, IndefiniteError } from './client.ts';
import type { Clock, Timer } from './clock.ts';
import { bug, Connection, type ConnectionOwner, isProgrammingError } from './connection.ts';
import type { Deadlined } from './deadline-queue.ts';
import type {
  ErrorKind,
  Invocation,
  Nanoseconds,
  NodeName,
  OperationError,
  Value,
} from './operation.ts';
import type { Draws } from './random.ts';

/** How long a thread waits before it opens a client again, doubling with each failure in a row. */
export interface ReopenBackoff {
  readonly firstNanos: Nanoseconds;
  readonly mostNanos: Nanoseconds;
}

/** What a worker needs of the interpreter. None of these throws. */
export interface WorkerHost {
  readonly clock: Clock;
  readonly backoff: ReopenBackoff;
  readonly draws: (thread: number) => Draws;
  readonly client: () => Client;
  /** Stamps and writes the invocation and starts its deadline; false when it could not be and must not be sent. */
  invoked(worker: Worker): boolean;
  /** Stamps and writes the completion, and frees the thread. */
  completed(worker: Worker, type: CompletionType, value: Value, error?: OperationError): void;
  /** The worker gave up an invocation that was never written. */
  released(worker: Worker): void;
  /** Starts the deadline of opening a client. */
  opening(worker: Worker): void;
  /** Ends the deadline of whatever the worker did. */
  ended(worker: Worker): void;
  isRead(f: string): boolean;
  /** A bug in a client: the run stops. */
  failed(error: Error): void;
  /** Waits for this at the end of the run. */
  closing(work: Promise<void>): void;
}

export type CompletionType = 'ok' | 'fail' | 'info';

type Activity = 'idle' | 'waiting' | 'opening' | 'invoking';

export class Worker implements Deadlined, ConnectionOwner {
  readonly thread: number;
  readonly node: NodeName;
  dueAt: Nanoseconds = 0;
  earlier: Deadlined | null = null;
  later: Deadlined | null = null;
  activity: Activity = 'idle';
  /** What it was given and has not completed. */
  invocation: Invocation | null = null;
  readonly #host: WorkerHost;
  #connection: Connection | null = null;
  #failedOpens = 0;
  #reopenAt: Nanoseconds = 0;
  #reopening: Timer | null = null;
  #draws: Draws | null = null;

  constructor(thread: number, node: NodeName, host: WorkerHost) {
    this.thread = thread;
    this.node = node;
    this.#host = host;
  }

  /** The session of the open client, where it has sessions. */
  session(): string | undefined {
    const connection = this.#connection;
    if (connection === null || !connection.hasSession) return undefined;
    try {
      return connection.client.session?.();
    } catch (error) {
      this.#host.failed(bug('client', 'session', error));
      return undefined;
    }
  }

  /** Does this operation, after opening a client if there is none. The worker must be idle. */
  give(invocation: Invocation): void {
    this.invocation = invocation;
    if (this.#connection !== null) this.#send(this.#connection);
    else if (this.#failedOpens === 0 || this.#host.clock.now() >= this.#reopenAt) this.#open();
    else {
      this.activity = 'waiting';
      this.#reopening = this.#host.clock.at(this.#reopenAt, () => this.#open());
    }
  }

  /** The deadline of what it does passed. */
  expire(): void {
    if (this.activity === 'opening') {
      this.#openFailed('not open within the deadline');
    } else if (this.activity === 'invoking')
      this.#giveUp('deadline', 'no answer within the deadline');
  }

  /** The run ends: what has not been sent never will be. */
  withdraw(): void {
    if (this.activity !== 'waiting' && this.activity !== 'opening') return;
    this.#reopening?.cancel();
    if (this.activity === 'opening') this.#host.ended(this);
    this.#disconnect(new Error('the run ends'));
    this.#done();
    this.#host.released(this);
  }

  /** The run ends and the answer is still missing. */
  interrupt(): void {
    if (this.activity === 'invoking') this.#giveUp('interrupted', 'the run ended before an answer');
  }

  /** Closes its client; the worker must be idle. */
  close(): void {
    this.#disconnect(new Error('the run is over'));
  }

  #open(): void {
    this.activity = 'opening';
    this.#reopening = null;
    this.#host.opening(this);
    let connection: Connection;
    try {
      connection = new Connection(this.#host.client(), this);
    } catch (error) {
      this.#host.failed(bug('client', 'construction', error));
      return this.withdraw();
    }
    this.#connection = connection;
    connection.open(this.node);
  }

  // What connections call; one that is no longer ours is not listened to.

  opened(connection: Connection): void {
    if (connection !== this.#connection) return;
    this.#host.ended(this);
    this.#failedOpens = 0;
    this.#send(connection);
  }

  notOpened(connection: Connection, error: unknown): void {
    if (connection !== this.#connection) return;
    if (isProgrammingError(error)) {
      this.#host.failed(bug('client', 'open', error));
      // The run stops, and with it this worker, if it did not stop before.
      if (connection !== this.#connection) return;
    }
    this.#openFailed(error instanceof Error ? error.message : String(error));
  }

  misbehaved(error: Error): void {
    this.#host.failed(error);
  }

  /** The operation was certainly not sent: `fail`, and the next one waits. */
  #openFailed(message: string): void {
    const host = this.#host;
    host.ended(this);
    this.#disconnect(new Error(message));
    this.#backOff();
    this.activity = 'invoking';
    if (!host.invoked(this)) return this.#drop();
    host.ended(this);
    this.#complete('fail', this.invocation?.value ?? null, { kind: 'no-client', message });
  }

  #backOff(): void {
    const { clock, backoff } = this.#host;
    this.#draws ??= this.#host.draws(this.thread);
    const delay = Math.min(backoff.mostNanos, backoff.firstNanos * 2 ** this.#failedOpens);
    this.#failedOpens++;
    this.#reopenAt = clock.now() + Math.round(delay * this.#draws.between(0.5, 1));
  }

  #send(connection: Connection): void {
    const { invocation } = this;
    // First, because recording may set off a trigger that ends the run.
    this.activity = 'invoking';
    if (invocation === null || !this.#host.invoked(this)) return this.#drop();
    connection.invoke(invocation);
  }

  succeeded(connection: Connection, value: Value): void {
    if (connection !== this.#connection) return;
    this.#host.ended(this);
    this.#complete('ok', value);
  }

  threw(connection: Connection, error: unknown): void {
    if (connection !== this.#connection || this.invocation === null) return;
    if (error instanceof DefiniteError) return this.#definite(error);
    if (error instanceof IndefiniteError) {
      return this.#giveUp('indefinite', error.message, error.code);
    }
    const failure = bug('client', `operation "${this.invocation.f}"`, error);
    this.#host.failed(failure);
    this.#giveUp('indefinite', failure.message, undefined, false);
  }

  /** Certainly no effect. A client that found no service is replaced: its connection may be of no more use. */
  #definite(error: DefiniteError): void {
    this.#host.ended(this);
    const details = errorOf(error.reason, error.message, error.code);
    this.#complete('fail', this.invocation?.value ?? null, details, error.reason === 'refused');
  }

  /** It may have happened: the process is retired, unless it only read. The client is closed in any case. */
  #giveUp(kind: ErrorKind, message: string, code?: string, mayFail = true): void {
    const { invocation } = this;
    if (invocation === null) return;
    this.#host.ended(this);
    const type = mayFail && this.#host.isRead(invocation.f) ? 'fail' : 'info';
    this.#complete(type, invocation.value, errorOf(kind, message, code), true);
  }

  #complete(type: CompletionType, value: Value, error?: OperationError, disconnect = false): void {
    const host = this.#host;
    this.activity = 'idle';
    host.completed(this, type, value, error);
    this.invocation = null;
    if (disconnect) this.#disconnect(new Error(error?.message));
  }

  #drop(): void {
    this.#done();
    this.#host.released(this);
  }

  #done(): void {
    this.activity = 'idle';
    this.invocation = null;
  }

  #disconnect(reason: Error): void {
    const connection = this.#connection;
    this.#connection = null;
    if (connection !== null) this.#host.closing(connection.close(reason));
  }
}

function errorOf(kind: ErrorKind, message: string, code: string | undefined): OperationError {
  return code === undefined ? { kind, message } : { kind, message, code };
}
