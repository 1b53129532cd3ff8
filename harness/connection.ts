/** One client of a worker, from opening to closing, and what counts as a bug in it. */
import { inspect } from 'node:util';
import type { Client } from './client.ts';
import type { Invocation, NodeName, Value } from './operation.ts';

/** Whom a connection tells. */
export interface ConnectionOwner {
  /** The client is open. */
  opened(connection: Connection): void;
  /** The client did not open. */
  notOpened(connection: Connection, error: unknown): void;
  /** The client answered. */
  succeeded(connection: Connection, value: Value): void;
  /** The client threw, whatever it was. */
  threw(connection: Connection, error: unknown): void;
  /** A bug in closing. */
  misbehaved(error: Error): void;
}

/** One client of a worker, from opening to closing. Its reactions are made once, not once an operation. */
export class Connection {
  readonly client: Client;
  readonly hasSession: boolean;
  readonly #abort = new AbortController();
  readonly #onValue: (value: Value) => void;
  readonly #onError: (error: unknown) => void;
  readonly #owner: ConnectionOwner;

  constructor(client: Client, owner: ConnectionOwner) {
    this.client = client;
    this.hasSession = client.session !== undefined;
    this.#owner = owner;
    this.#onValue = (value) => owner.succeeded(this, value);
    this.#onError = (error) => owner.threw(this, error);
  }

  open(node: NodeName): void {
    attempt(() => this.client.open(node, this.#abort.signal)).then(
      () => this.#owner.opened(this),
      (error: unknown) => this.#owner.notOpened(this, error),
    );
  }

  invoke(invocation: Invocation): void {
    let answer: Promise<Value>;
    try {
      answer = this.client.invoke(invocation);
    } catch (error) {
      // Later, as if it had been a promise: whoever invokes does not expect to be called back meanwhile.
      return void Promise.resolve().then(() => this.#onError(error));
    }
    Promise.resolve(answer).then(this.#onValue, this.#onError);
  }

  /** Never rejects. A client that cannot even close in good order is of no further consequence, unless it has a bug. */
  async close(reason: Error): Promise<void> {
    this.#abort.abort(reason);
    try {
      await attempt(() => this.client.close());
    } catch (error) {
      if (isProgrammingError(error)) this.#owner.misbehaved(bug('client', 'close', error));
    }
  }
}

/** A promise even of work that throws at once. */
async function attempt(work: () => Promise<void>): Promise<void> {
  await work();
}

/** What only wrong code throws; a connection that is refused or lost is something else. */
export function isProgrammingError(error: unknown): boolean {
  return (
    !(error instanceof Error) ||
    error instanceof TypeError ||
    error instanceof ReferenceError ||
    error instanceof RangeError ||
    error instanceof SyntaxError
  );
}

/** Something of ours threw what it must not throw. */
export class HarnessBugError extends Error {
  override readonly name = 'HarnessBugError';
}

/** Names who threw, where, and what. */
export function bug(who: string, where: string, cause: unknown): HarnessBugError {
  const what =
    cause instanceof Error ? `${cause.name}: ${cause.message}` : `a non-Error: ${inspect(cause)}`;
  return new HarnessBugError(`bug in ${who} (${where}): threw ${what}`, { cause });
}
