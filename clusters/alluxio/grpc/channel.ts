/**
 * gRPC over one HTTP/2 connection to one server, as far as Alluxio's calls need it: unary calls and calls that answer
 * with a stream (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). No authentication (NOSASL).
 *
 * Made on node:http2 so that nothing is sent twice: there are no retries, and a connection that is lost is never made
 * again. A server that changes its role ends its connections, so that all answers on one are of one leadership.
 */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import { DefiniteError, IndefiniteError } from '../../../harness/client.ts';
import { Message } from '../../wire/protobuf.ts';
import { answerError, OK } from './errors.ts';
import { GrpcMessages, messageFrame } from './messages.ts';

/** How much of an answer may be on its way unread, in bytes: listings of many thousand entries. */
const WINDOW_BYTES = 4 * 1024 * 1024;

/** A method by its service and its name: `alluxio.grpc.meta.MetaMasterClientService/Backup`. */
export type GrpcMethod = string;

/** How many channels this process opened; names them. */
let channels = 0;

export class GrpcChannel {
  /** Another for every channel. */
  readonly ordinal = ++channels;
  readonly #session: ClientHttp2Session;
  readonly #signal: AbortSignal;
  readonly #abort = (): void => this.#session.destroy();

  private constructor(session: ClientHttp2Session, signal: AbortSignal) {
    this.#session = session;
    this.#signal = signal;
    signal.addEventListener('abort', this.#abort, { once: true });
    // Every call on it fails by itself; a connection that fails between calls is found by the next one.
    session.on('error', () => {});
    session.on('goaway', () => session.close());
    session.on('close', () => signal.removeEventListener('abort', this.#abort));
  }

  /**
   * Connects.
   * @param signal ends the connection, and all calls on it, when aborted
   * @throws DefiniteError when nobody listens there, IndefiniteError when the signal is aborted first
   */
  static async open(address: string, port: number, signal: AbortSignal): Promise<GrpcChannel> {
    if (signal.aborted) throw new IndefiniteError(`gave up connecting to ${address}:${port}`);
    const session = connect(`http://${address}:${port}`, {
      settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
    });
    const channel = new GrpcChannel(session, signal);
    try {
      await new Promise<void>((resolve, reject) => {
        session.once('connect', () => resolve());
        session.once('error', reject);
        session.once('close', () => reject(new Error('closed')));
      });
    } catch (error) {
      channel.close();
      const message = `connect ${address}:${port}: ${messageOf(error)}`;
      throw new DefiniteError('refused', message, withCode(error));
    }
    return channel;
  }

  /** Whether calls can begin on it. */
  get usable(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  /** A call with one answer. @throws DefiniteError, IndefiniteError as errors.ts says */
  async call(method: GrpcMethod, request: Buffer): Promise<Message> {
    const [answer, ...more] = await this.collect(method, request);
    if (answer === undefined || more.length > 0) {
      throw new IndefiniteError(`${method}: ${more.length === 0 ? 'no' : 'more than one'} answer`);
    }
    return answer;
  }

  /** A call that is answered by a stream, all of it. @throws DefiniteError, IndefiniteError as errors.ts says */
  collect(method: GrpcMethod, request: Buffer): Promise<readonly Message[]> {
    if (this.#signal.aborted) return Promise.reject(new IndefiniteError(`gave up ${method}`));
    if (!this.usable) {
      // Nothing was sent.
      return Promise.reject(new DefiniteError('refused', `${method}: the connection is closed`));
    }
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': `/${method}`,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.end(messageFrame(request));
    return answersOn(stream, method);
  }

  close(): void {
    this.#session.destroy();
  }
}

function answersOn(stream: ClientHttp2Stream, method: GrpcMethod): Promise<readonly Message[]> {
  return new Promise((resolve, reject) => {
    const messages = new GrpcMessages();
    const answers: Message[] = [];
    let status: IncomingHttpHeaders = {};
    stream.on('response', (headers) => {
      if (headers['grpc-status'] !== undefined) status = headers;
      else if (headers[':status'] !== 200) status = httpStatus(headers);
    });
    stream.on('trailers', (headers: IncomingHttpHeaders) => (status = headers));
    stream.on('data', (bytes: Buffer) => {
      try {
        for (const message of messages.push(bytes)) answers.push(Message.read(message));
      } catch (error) {
        // Not gRPC, or not what was asked for: what it did is not known.
        stream.destroy(error as Error);
      }
    });
    stream.on('error', (error: Error) => reject(streamError(stream, method, error)));
    stream.on('close', () => {
      const code = status['grpc-status'];
      if (typeof code !== 'string') return reject(streamError(stream, method, null));
      if (Number(code) === OK) return resolve(answers);
      reject(answerError(Number(code), decodeText(status['grpc-message'])));
    });
  });
}

function httpStatus(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return { 'grpc-status': '2', 'grpc-message': `HTTP status ${String(headers[':status'])}` };
}

/** What a call that got no status means. Only REFUSED_STREAM says that the server did nothing with it (RFC 9113, 8.7). */
function streamError(
  stream: ClientHttp2Stream,
  method: GrpcMethod,
  error: Error | null,
): DefiniteError | IndefiniteError {
  const message = `${method}: ${error === null ? 'the connection was lost' : error.message}`;
  if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) {
    return new DefiniteError('refused', message, { code: 'REFUSED_STREAM' });
  }
  return new IndefiniteError(message, error === null ? {} : withCode(error));
}

/** The status message is percent-encoded. */
function decodeText(text: string | string[] | undefined): string {
  const encoded = typeof text === 'string' ? text : '';
  try {
    return decodeURIComponent(encoded);
  } catch {
    // Encoded otherwise: told as it is.
    return encoded;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function withCode(error: unknown): { code?: string; cause: unknown } {
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? { cause: error } : { code, cause: error };
}
