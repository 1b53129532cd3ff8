/**
 * Guard keys: keys that exist all the time, and that a guarded transaction compares before it writes. The compare
 * always holds. It is work between the moment a member takes an entry to apply and the moment it writes it, which is
 * where the window of etcd #13766 lies (the consistent index is raised first, and stored by the batch commit in
 * between).
 */
import { encodeBytes } from './client/encoding.ts';
import type { Gateway } from './client/gateway.ts';
import { allExist, type Compare } from './client/key-value.ts';

const PREFIX = 'g/';
/** etcd refuses more operations in one transaction (`--max-txn-ops`). */
const OPERATIONS_A_TRANSACTION = 128;

/** The compare of a guarded transaction. */
export const GUARDS_EXIST: Compare = allExist(PREFIX);

/** Puts `count` guard keys. Idempotent. */
export async function putGuards(gateway: Gateway, count: number): Promise<void> {
  for (let first = 0; first < count; first += OPERATIONS_A_TRANSACTION) {
    const size = Math.min(OPERATIONS_A_TRANSACTION, count - first);
    const success = Array.from({ length: size }, (_, index) => ({
      request_put: { key: encodeBytes(`${PREFIX}${first + index}`), value: encodeBytes('guard') },
    }));
    await gateway.post('/v3/kv/txn', { success });
  }
}
