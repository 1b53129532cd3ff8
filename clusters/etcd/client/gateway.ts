/**
 * etcd's JSON gateway (grpc-gateway on the client port) over one kept connection. No retries, no deadline of its own:
 * the signal ends a request.
 *
 * 64-bit integers are strings there and fields with a zero value are absent.
 */
import { Agent, request } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { IndefiniteError } from '../../../harness/client.ts';
import { answerError, connectionError } from './errors.ts';

export const CLIENT_PORT = 2379;

/** One connection to one member. Not for two requests at a time: the second would wait for the first. */
export class Gateway {
  readonly #host: string;
  readonly #port: number;
  readonly #signal: AbortSignal;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #abort = (): void => void this.#call?.destroy();
  /** The latest request; one listener on the signal for all requests costs less than one each. */
  #call: ClientRequest | null = null;
  #connections = 0;

  /** @param signal ends whatever is in flight when aborted. */
  constructor(host: string, signal: AbortSignal, port: number = CLIENT_PORT) {
    this.#host = host;
    this.#port = port;
    this.#signal = signal;
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  /** How many connections were made so far. */
  get connections(): number {
    return this.#connections;
  }

  /** @throws DefiniteError, IndefiniteError as errors.ts says. */
  post<Answer>(path: string, body: object): Promise<Answer> {
    return this.#send<Answer>('POST', path, JSON.stringify(body));
  }

  /** Answered by the member alone, without a quorum. */
  version(): Promise<{ readonly etcdserver: string; readonly etcdcluster?: string }> {
    return this.#send('GET', '/version', null);
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#abort);
    this.#agent.destroy();
  }

  #send<Answer>(method: string, path: string, body: string | null): Promise<Answer> {
    if (this.#signal.aborted) return Promise.reject(new IndefiniteError(`gave up ${path}`));
    return new Promise((resolve, reject) => {
      const call = request({
        host: this.#host,
        port: this.#port,
        path,
        method,
        agent: this.#agent,
        ...(body === null ? {} : { headers: headersOf(body) }),
      });
      this.#call = call;
      call.on('socket', () => {
        if (!call.reusedSocket) this.#connections++;
      });
      call.on('error', (error) => {
        reject(this.#signal.aborted ? abandoned(call, error) : connectionError(error));
      });
      call.on('response', (response) => {
        readAnswer(path, response).then(
          (answer) => resolve(answer as Answer),
          (error: unknown) =>
            reject(this.#signal.aborted ? abandoned(call, error) : (error as Error)),
        );
      });
      call.end(body ?? undefined);
    });
  }
}

function headersOf(body: string): Record<string, string | number> {
  return { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
}

function abandoned(call: ClientRequest, cause: unknown): IndefiniteError {
  return new IndefiniteError(`gave up ${call.path}`, { cause });
}

async function readAnswer(path: string, response: IncomingMessage): Promise<unknown> {
  const text = await new Promise<string>((resolve, reject) => {
    const parts: Buffer[] = [];
    response.on('data', (part: Buffer) => parts.push(part));
    response.on('error', (error) => reject(connectionError(error)));
    response.on('end', () => resolve(Buffer.concat(parts).toString()));
  });
  return parseAnswer(path, response.statusCode ?? 0, text);
}

function parseAnswer(path: string, http: number, text: string): unknown {
  const json = parseJson(text);
  if (http === 200 && json !== undefined) return json;
  if (json === undefined) {
    // The gateway answers an unknown path with 404 and plain text: a mistake of ours, not an outcome.
    if (http === 404) throw new TypeError(`the gateway knows no such path: ${text.slice(0, 80)}`);
    throw new IndefiniteError(`not JSON: ${text.slice(0, 80)}`, { code: String(http) });
  }
  const { error, message, code } = json as { error?: string; message?: string; code?: number };
  throw answerError({ path, http, grpc: code, message: error ?? message ?? text.slice(0, 200) });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Told by the caller, with the status.
    return undefined;
  }
}
