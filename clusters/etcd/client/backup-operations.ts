/**
 * Backups and their states, all in one key: `begin id`, refused while another is active; `advance [id, state]`, refused
 * where the life cycle does not lead from its state to that one; `abort`, which ends the active one as failed; `list` of
 * all, and `status` of one, as `{id, state, leader}`, the state being null where the id is not known.
 */
import { DefiniteError } from '../../../harness/client.ts';
import type { Value } from '../../../harness/operation.ts';
import type { Gateway } from './gateway.ts';
import { type Entry, putKey, readKey, unchanged, writeIf } from './key-value.ts';
import { keyedPair } from './operation-values.ts';
import type { OperationHandlers } from './workload-client.ts';

const KEY = 'b/backups';

/** Which states follow a state. */
const FOLLOWING: Readonly<Record<string, readonly string[]>> = {
  started: ['copying', 'failed'],
  copying: ['done', 'failed'],
};

type Backups = ReadonlyMap<Value, string>;
type Change = (backups: Backups) => Backups;

/**
 * - `compare`: what was read is compared when the change is written.
 * - `nothing`: it is not, and whoever writes last wins. Deliberately weak.
 */
export type Guarding = 'compare' | 'nothing';

/** The operations of a backup workload. */
export function backupOperations(guarding: Guarding): OperationHandlers {
  return {
    begin: async (gateway, id) => {
      await change(gateway, guarding, (backups) => begun(backups, id));
      return id;
    },
    advance: async (gateway, value) => {
      const [id, state] = keyedPair(value);
      await change(gateway, guarding, (backups) => advanced(backups, id, state));
      return value;
    },
    abort: async (gateway) => {
      await change(gateway, guarding, aborted);
      return null;
    },
    list: async (gateway) => {
      const { entry } = await readKey(gateway, KEY);
      return [...stored(entry)].map(([id, state]) => report(id, state));
    },
    status: async (gateway, id) => {
      const { entry } = await readKey(gateway, KEY);
      return report(id, stored(entry).get(id) ?? null);
    },
  };
}

/** The cluster as a whole answers, whichever member leads it. */
function report(id: Value, state: string | null): Value {
  return { id, state, leader: 'etcd' };
}

async function change(gateway: Gateway, guarding: Guarding, make: Change): Promise<void> {
  const { entry } = await readKey(gateway, KEY);
  const text = JSON.stringify([...make(stored(entry))]);
  if (guarding === 'nothing') {
    await putKey(gateway, KEY, text);
    return;
  }
  const compare = [unchanged(KEY, entry?.modRevision ?? 0)];
  const { succeeded } = await writeIf(gateway, compare, new Map([[KEY, text]]));
  if (!succeeded) throw refused('the backups changed after they were read', 'COMPARE');
}

function begun(backups: Backups, id: Value): Backups {
  const active = activeOf(backups);
  if (active !== undefined) throw refused(`${JSON.stringify(active)} is active`, 'ACTIVE');
  return new Map([...backups, [id, 'started']]);
}

function aborted(backups: Backups): Backups {
  const active = activeOf(backups);
  if (active === undefined) throw refused('none is active', 'NONE');
  return new Map([...backups, [active, 'failed']]);
}

/** The first that is neither done nor failed. */
function activeOf(backups: Backups): Value | undefined {
  return [...backups].find(([, state]) => state in FOLLOWING)?.[0];
}

function advanced(backups: Backups, id: Value, state: Value): Backups {
  const before = backups.get(id);
  if (before === undefined) throw refused(`${JSON.stringify(id)} is not known`, 'UNKNOWN');
  if (typeof state !== 'string' || FOLLOWING[before]?.includes(state) !== true) {
    throw refused(`${JSON.stringify(id)} is ${before}`, 'STATE');
  }
  return new Map([...backups, [id, state]]);
}

function stored(entry: Entry | null): Backups {
  return new Map(entry === null ? [] : (JSON.parse(entry.value) as [Value, string][]));
}

function refused(message: string, code: string): DefiniteError {
  return new DefiniteError('rejected', message, { code });
}
