/** One watch of a prefix through the gateway: an answer that goes on, a line of JSON a notification. */
import { request } from 'node:http';
import { IndefiniteError } from '../../../harness/client.ts';
import type { Clock } from '../../../harness/clock.ts';
import type { Nanoseconds } from '../../../harness/operation.ts';
import { decodeBytes, prefixRange } from './encoding.ts';
import { connectionError } from './errors.ts';
import { CLIENT_PORT } from './gateway.ts';

export interface WatchRequest {
  readonly address: string;
  /** Default: etcd's. */
  readonly port?: number;
  readonly prefix: string;
  /** The first revision to be told; null: what comes after the watch is made. */
  readonly from: number | null;
  /** How long it is listened to. */
  readonly duration: Nanoseconds;
  /** It is listened to no longer once so many changes were told. Default: any number. */
  readonly enough?: number;
}

/** A change of a key. */
export interface WatchedChange {
  readonly revision: number;
  readonly key: string;
  readonly value: string;
  readonly type: 'put' | 'delete';
}

interface RawNotification {
  readonly result?: {
    readonly created?: boolean;
    readonly events?: readonly {
      readonly type?: string;
      readonly kv: { readonly key: string; readonly value?: string; readonly mod_revision: string };
    }[];
  };
}

/**
 * Listens for a while, and resolves with what was told, in its order. A stream that breaks after the watch was made ends
 * earlier: what it told counts.
 * @throws DefiniteError, IndefiniteError when the watch was not made.
 */
export function listen(
  watch: WatchRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly WatchedChange[]> {
  return new Promise((resolve, reject) => {
    const told: WatchedChange[] = [];
    let made = false;
    let rest = '';
    const call = request({
      host: watch.address,
      port: watch.port ?? CLIENT_PORT,
      path: '/v3/watch',
      method: 'POST',
      agent: false,
      signal,
    });
    const end = (error: Error): void => {
      timer.cancel();
      call.destroy();
      if (made) resolve(told);
      else
        reject(signal.aborted ? new IndefiniteError('gave up the watch') : connectionError(error));
    };
    const timer = clock.at(clock.now() + watch.duration, () => end(new Error('not made in time')));
    call.on('error', end);
    call.on('response', (response) => {
      response.setEncoding('utf8');
      response.on('error', end);
      response.on('end', () => end(new Error('the stream ended')));
      response.on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const notification = notificationOf(line);
          if (notification === null) return end(new Error(`not JSON: ${line.slice(0, 80)}`));
          made ||= notification.result?.created === true;
          for (const event of notification.result?.events ?? []) told.push(changeOf(event));
        }
        if (told.length >= (watch.enough ?? Infinity)) end(new Error('enough was told'));
      });
    });
    call.end(JSON.stringify({ create_request: creation(watch) }));
  });
}

/** Null for a line that is none. */
function notificationOf(line: string): RawNotification | null {
  try {
    return JSON.parse(line) as RawNotification;
  } catch {
    return null; // Told by the caller.
  }
}

function creation({ prefix, from }: WatchRequest): object {
  return { ...prefixRange(prefix), ...(from === null ? {} : { start_revision: String(from) }) };
}

type RawChange = NonNullable<NonNullable<RawNotification['result']>['events']>[number];

function changeOf({ type, kv }: RawChange): WatchedChange {
  return {
    revision: Number(kv.mod_revision),
    key: decodeBytes(kv.key),
    value: decodeBytes(kv.value),
    type: type === 'DELETE' ? 'delete' : 'put',
  };
}
