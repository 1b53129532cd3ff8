/**
 * A column that was added to a table, as registers; and clients that write the rows without knowing of it. Values are
 * [key, value].
 */
import { IndefiniteError } from '../../../harness/client.ts';
import type { Invocation, Value } from '../../../harness/operation.ts';
import type { Cluster } from '../../../harness/testbed.ts';
import { KuduError } from '../krpc/kudu-error.ts';
import { makeWidenedTable, ROW_COLUMNS, WIDE_COLUMNS, WIDENED } from '../tables.ts';
import { keyed, number } from './row-values.ts';
import type { RowOperations } from './tablet-clients.ts';
import type { TabletSession } from './tablet-session.ts';

/** Where the added column is among the columns. */
const EXTRA = WIDE_COLUMNS.length - 1;

/**
 * - `widen` null → null: the table is made, and the column added, unless they are there;
 * - `write` [key, value] → [key, {value, timestamp, by}]: the row is upserted with the added column set to the value;
 * - `touch` [key, value] → [key, value]: the row is upserted by the columns that there were at first, which leaves the
 *   added one as it is;
 * - `final-read` [key, null] → [key, {value, by}]: what the added column holds, at the leader.
 */
export class ColumnOperations implements RowOperations {
  readonly #session: TabletSession;
  readonly #cluster: Cluster;
  readonly #signal: AbortSignal;

  constructor(session: TabletSession, cluster: Cluster, signal: AbortSignal) {
    this.#session = session;
    this.#cluster = cluster;
    this.#signal = signal;
  }

  async invoke({ f, value }: Invocation): Promise<Value> {
    if (f === 'widen') return this.#widen();
    const [key, argument] = keyed(f, value);
    switch (f) {
      case 'write': {
        const cells = [key, 0, number(f, argument)];
        const row = { kind: 'upsert', cells } as const;
        const written = { table: WIDENED, row, columns: WIDE_COLUMNS };
        const { timestamp, by } = await this.#session.write(written);
        return [key, { value: argument, timestamp: String(timestamp), by }];
      }
      case 'touch': {
        const row = { kind: 'upsert', cells: [key, number(f, argument)] } as const;
        await this.#session.write({ table: WIDENED, row, columns: ROW_COLUMNS });
        return [key, argument];
      }
      case 'final-read':
        return this.#read(key);
      default:
        throw new TypeError(`kudu columns: unknown f ${f}`);
    }
  }

  /** Of what may have been done in part nothing can be told. */
  async #widen(): Promise<null> {
    try {
      await makeWidenedTable(this.#cluster, this.#signal);
      return null;
    } catch (error) {
      if (error instanceof KuduError || this.#signal.aborted) {
        throw new IndefiniteError('the table was not made', { cause: error });
      }
      throw error;
    }
  }

  async #read(key: number): Promise<Value> {
    this.#session.forget();
    const options = { mode: 'latest', key, columns: WIDE_COLUMNS } as const;
    const { rows, by } = await this.#session.read(WIDENED, 'leader', options);
    return [key, { value: rows[0]?.[EXTRA] ?? null, by }];
  }
}
