/**
 * Registers: a row a key. Values are [key, value]; completions tell by whom they were answered, and at which timestamp
 * (in decimal, as they are beyond 2^53).
 */
import type { Invocation, Value } from '../../../harness/operation.ts';
import { REGISTERS } from '../tables.ts';
import type { ReadMode, ScanOptions } from '../tablet/requests.ts';
import { keyed, number } from './row-values.ts';
import type { Snapshots } from './snapshots.ts';
import type { RowOperations } from './tablet-clients.ts';
import type { ReplicaChoice, TabletSession } from './tablet-session.ts';

/**
 * - `write` [key, value] → [key, {value, timestamp, by}]: sent once, to the leader; `write-anew`: to the leader that the
 *   masters tell at that moment;
 * - `read` [key, null] → [key, {value, by}]: READ_LATEST of the leader, as far as the client knows it;
 * - `snapshot-read` [key, n] → [key, {value, snapshot, by}]: of the leader likewise, at a moment just after the n-th last
 *   acknowledged write of any client;
 * - `session-read` [key, null] → [key, {value, snapshot, by}]: READ_YOUR_WRITES of the closest replica;
 * - `final-read` [key, null] → [key, {value, snapshot, by}]: of the leader, looked for anew, at its present moment.
 */
export class RegisterOperations implements RowOperations {
  readonly #session: TabletSession;
  readonly #snapshots: Snapshots;

  constructor(session: TabletSession, snapshots: Snapshots) {
    this.#session = session;
    this.#snapshots = snapshots;
  }

  async invoke({ f, value }: Invocation): Promise<Value> {
    const [key, argument] = keyed(f, value);
    switch (f) {
      case 'write-anew':
        this.#session.forget();
        return this.#write(key, argument);
      case 'write':
        return this.#write(key, argument);
      case 'read':
        return this.#read(key, 'leader', 'latest');
      case 'snapshot-read': {
        const snapshot = this.#snapshots.back(number(f, argument));
        return this.#read(key, 'leader', 'at-snapshot', snapshot === undefined ? {} : { snapshot });
      }
      case 'session-read':
        return this.#read(key, 'closest', 'your-writes');
      case 'final-read':
        this.#session.forget();
        return this.#read(key, 'leader', 'at-snapshot');
      default:
        throw new TypeError(`kudu registers: unknown f ${f}`);
    }
  }

  async #write(key: number, argument: Value): Promise<Value> {
    const row = { kind: 'upsert', cells: [key, number('write', argument)] } as const;
    const { timestamp, by } = await this.#session.write({ table: REGISTERS, row });
    this.#snapshots.add(timestamp);
    return [key, { value: argument, timestamp: String(timestamp), by }];
  }

  async #read(
    key: number,
    choice: ReplicaChoice,
    mode: ReadMode,
    more: Pick<ScanOptions, 'snapshot'> = {},
  ): Promise<Value> {
    const found = await this.#session.read(REGISTERS, choice, { mode, key, ...more });
    const snapshot = more.snapshot ?? found.snapshot;
    const value = found.rows[0]?.[1] ?? null;
    const told = snapshot === undefined ? {} : { snapshot: String(snapshot) };
    return [key, { value, ...told, by: found.by }];
  }
}
