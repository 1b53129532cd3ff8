/** etcd's leases and locks (`/v3/lease`, `/v3/lock`): a lock is a key that lives as long as its holder's lease. */
import { decodeBytes, encodeBytes } from './encoding.ts';
import type { Gateway } from './gateway.ts';
import type { Compare } from './key-value.ts';

/** A new lease. @param seconds how long it lives without being kept alive. @returns its id */
export async function grantLease(gateway: Gateway, seconds: number): Promise<string> {
  const answer = await gateway.post<{ ID: string }>('/v3/lease/grant', { TTL: String(seconds) });
  return answer.ID;
}

/** Ends a lease, and the keys that live by it. @throws DefiniteError when there is no such lease */
export async function revokeLease(gateway: Gateway, lease: string): Promise<void> {
  await gateway.post('/v3/lease/revoke', { ID: lease });
}

/**
 * Waits until the lock is this lease's. @returns the key that stands for it
 * @throws DefiniteError when the lease ends while it waits
 */
export async function acquireLock(gateway: Gateway, name: string, lease: string): Promise<string> {
  const answer = await gateway.post<{ key: string }>('/v3/lock/lock', {
    name: encodeBytes(name),
    lease,
  });
  return decodeBytes(answer.key);
}

/** Gives the lock back. Of a lock whose lease has ended nothing is left, and that is no error. */
export async function releaseLock(gateway: Gateway, key: string): Promise<void> {
  await gateway.post('/v3/lock/unlock', { key: encodeBytes(key) });
}

/** "The lock is still held by whom this key was given": the guard that etcd's documentation asks for. */
export function stillHeld(key: string): Compare {
  return { key: encodeBytes(key), target: 'CREATE', result: 'GREATER', create_revision: '0' };
}
