/** The masters' REST pages, of which only a leader serves any. */
import { get } from 'node:http';

/** Where masters serve web pages and REST. */
export const WEB_PORT = 19999;

export interface Page {
  readonly status: number;
  readonly body: string;
}

/** @param path without its beginning, `/api/v1/master/` @throws what the socket throws, or the signal's reason */
export function masterPage(address: string, path: string, signal: AbortSignal): Promise<Page> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return void reject(signal.reason as Error);
    const target = { host: address, port: WEB_PORT, path: `/api/v1/master/${path}`, agent: false };
    const request = get(target, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, body });
      });
    });
    const abort = (): void => void request.destroy(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    request.on('error', reject);
    request.on('close', () => signal.removeEventListener('abort', abort));
  });
}

/** How many workers a leader of 1.x counts; null while it does not tell (safe mode). @throws as masterPage */
export async function registeredWorkers(
  address: string,
  signal: AbortSignal,
): Promise<number | null> {
  const { status, body } = await masterPage(address, 'worker_count', signal);
  return status === 200 && /^\d+$/.test(body) ? Number(body) : null;
}
