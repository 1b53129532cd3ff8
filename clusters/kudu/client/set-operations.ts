/** A set: each element is a row that is inserted. */
import { DefiniteError } from '../../../harness/client.ts';
import { IndefiniteError } from '../../../harness/client.ts';
import { realClock } from '../../../harness/clock.ts';
import { MILLISECOND, type Invocation, type Value } from '../../../harness/operation.ts';
import { ELEMENTS } from '../tables.ts';
import type { ReadMode } from '../tablet/requests.ts';
import type { RowOperations } from './tablet-clients.ts';
import type { TabletSession } from './tablet-session.ts';

/** All attempts of one insert together: less than an operation's deadline. */
const RETRY_MS = 4200;
/** Of one attempt: whoever is cut off or paused is given up soon, and the next one is asked. */
const ATTEMPT_MS = 1000;
const PAUSE_MS = 100;

/**
 * - `add-once` element → element: inserted by a request without an identifier, sent once;
 * - `add` element → element: sent again under the same identifier until it is answered. Kudu promises that it is done once
 *   and answered alike however often it comes, so that an answer settles it: an insert that says that the row is there
 *   would be one that was done twice;
 * - `read` null → all elements, READ_LATEST of the leader, as far as the client knows it;
 * - `final-read` null → all elements, of the leader, looked for anew, at its present moment.
 */
export class SetOperations implements RowOperations {
  readonly #session: TabletSession;
  #sequence = 0;

  constructor(session: TabletSession) {
    this.#session = session;
  }

  async invoke({ f, value }: Invocation): Promise<Value> {
    switch (f) {
      case 'add-once':
        await this.#session.write({ table: ELEMENTS, row: insertOf(value) });
        return value;
      case 'add':
        await this.#addUntilAnswered(value);
        return value;
      case 'read':
        return this.#read('latest');
      case 'final-read':
        this.#session.forget();
        return this.#read('at-snapshot');
      default:
        throw new TypeError(`kudu set: unknown f ${f}`);
    }
  }

  async #addUntilAnswered(element: Value): Promise<void> {
    const clock = realClock();
    const sequence = ++this.#sequence;
    let last: unknown = null;
    let inDoubt = false;
    for (let attempt = 1; clock.now() < RETRY_MS * MILLISECOND; attempt++) {
      const client = this.#session.name;
      const requestId = { client, sequence, firstIncomplete: sequence, attempt };
      const timeoutMs = ATTEMPT_MS;
      try {
        const row = insertOf(element);
        await this.#session.write({ table: ELEMENTS, row, requestId, timeoutMs });
        return;
      } catch (error) {
        if (error instanceof DefiniteError && error.reason === 'rejected') throw error;
        if (!(error instanceof DefiniteError || error instanceof IndefiniteError)) throw error;
        inDoubt ||= error instanceof IndefiniteError;
        last = error;
      }
      await clock.sleep(PAUSE_MS * MILLISECOND);
    }
    if (!inDoubt) throw last;
    throw new IndefiniteError(`no answer in ${RETRY_MS} ms`, { cause: last });
  }

  async #read(mode: ReadMode): Promise<Value> {
    const { rows } = await this.#session.read(ELEMENTS, 'leader', { mode });
    return rows.map(([element = null]) => element);
  }
}

function insertOf(element: Value): { readonly kind: 'insert'; readonly cells: readonly number[] } {
  if (typeof element !== 'number') {
    throw new TypeError(`element ${JSON.stringify(element)}, expected a number`);
  }
  return { kind: 'insert', cells: [element, 0] };
}
