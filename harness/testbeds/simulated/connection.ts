/**
 * A client's connection to one server process, with the manners of TCP: refused where the process is dead, silence
 * where the host is lost, reset when the process dies, and requests that wait while it is paused.
 */
import { DefiniteError, IndefiniteError } from '../../client.ts';
import type { NodeName, Value } from '../../operation.ts';
import type { Channel } from './message-network.ts';
import type { Peer, SimulatedProcess } from './process.ts';

/** How a connection reaches its process and is reached. */
export interface ConnectionEnds<Message> {
  readonly process: SimulatedProcess<Message>;
  readonly to: Channel;
  readonly from: Channel;
  /** Names the connection: `n1/1/4`, node, start and number. */
  readonly name: (incarnation: number) => string;
}

/** What a client holds. */
export interface Connection {
  readonly session: string;
  /**
   * Sends a request and resolves with the server's answer.
   * @throws DefiniteError when the connection is known to be closed: nothing was sent.
   * @throws IndefiniteError when it is reset or closed before the answer.
   */
  request(body: Value): Promise<Value>;
  close(): void;
}

interface Pending {
  readonly resolve: (body: Value) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Connects; a lost host never answers.
 * @param signal gives up, and closes the connection when it is made.
 * @throws DefiniteError refused; IndefiniteError when given up.
 */
export function connect<Message>(
  ends: ConnectionEnds<Message>,
  signal: AbortSignal,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      reject(gaveUp(ends, signal));
    };
    if (signal.aborted) return void giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    const accepted = (incarnation: number): void => {
      signal.removeEventListener('abort', giveUp);
      if (signal.aborted) return;
      resolve(new OpenConnection(ends, incarnation, signal));
    };
    const refused = (): void => {
      signal.removeEventListener('abort', giveUp);
      reject(refusal(ends));
    };
    ends.to.send(() => {
      const { liveness, incarnation } = ends.process;
      if (liveness === 'gone') return;
      ends.from.send(liveness === 'dead' ? refused : () => accepted(incarnation), 'settling');
    }, 'quietly');
  });
}

/**
 * One request without the exchange that opens a connection, for observers that ask all the time.
 * @throws DefiniteError refused; IndefiniteError when reset or given up.
 */
export function askOnce<Message>(
  ends: ConnectionEnds<Message>,
  body: Value,
  signal: AbortSignal,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return void reject(gaveUp(ends, signal));
    const question = new Question(ends, { resolve, reject }, signal);
    ends.to.send(() => question.arrive(body), 'quietly');
  });
}

/** Ends with the first of answer, refusal, reset and abort. */
class Question<Message> implements Peer {
  private readonly ends: ConnectionEnds<Message>;
  private readonly asker: Pending;
  private readonly signal: AbortSignal;

  constructor(ends: ConnectionEnds<Message>, asker: Pending, signal: AbortSignal) {
    this.ends = ends;
    this.asker = asker;
    this.signal = signal;
    signal.addEventListener('abort', this.giveUp, { once: true });
  }

  arrive(body: Value): void {
    const { process } = this.ends;
    if (process.liveness === 'gone') return;
    if (process.liveness === 'dead') return this.leave(() => this.asker.reject(refusal(this.ends)));
    process.attach(this);
    process.request(this, 1, body);
  }

  answer(_id: number, body: Value): void {
    this.ends.process.detach(this);
    this.leave(() => this.asker.resolve(body));
  }

  reset(): void {
    this.leave(() => this.asker.reject(broken(this.ends, 'ECONNRESET', 'reset by the server')));
  }

  private leave(end: () => void): void {
    this.ends.from.send(() => {
      this.signal.removeEventListener('abort', this.giveUp);
      end();
    }, 'settling');
  }

  private readonly giveUp = (): void => {
    this.ends.process.detach(this);
    this.asker.reject(gaveUp(this.ends, this.signal));
  };
}

class OpenConnection<Message> implements Connection, Peer {
  readonly session: string;
  private readonly ends: ConnectionEnds<Message>;
  private readonly incarnation: number;
  private readonly signal: AbortSignal;
  private readonly pending = new Map<number, Pending>();
  private count = 0;
  private state: 'open' | 'reset' | 'closed' = 'open';

  constructor(ends: ConnectionEnds<Message>, incarnation: number, signal: AbortSignal) {
    this.ends = ends;
    this.signal = signal;
    signal.addEventListener('abort', this.close, { once: true });
    this.incarnation = incarnation;
    this.session = ends.name(incarnation);
    if (ends.process.incarnation === incarnation) ends.process.attach(this);
  }

  request(body: Value): Promise<Value> {
    if (this.state !== 'open') {
      return Promise.reject(
        new DefiniteError('refused', `connection to ${nameOf(this.ends)} is closed`, {
          code: 'EPIPE',
        }),
      );
    }
    const id = ++this.count;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.ends.to.send(() => this.arrive(id, body), 'quietly');
    });
  }

  readonly close = (): void => {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.signal.removeEventListener('abort', this.close);
    this.ends.process.detach(this);
    this.rejectAll('ECONNABORTED', 'closed by the client');
  };

  /** At the server: the answer leaves. */
  answer(id: number, body: Value): void {
    this.ends.from.send(() => {
      const pending = this.pending.get(id);
      this.pending.delete(id);
      pending?.resolve(body);
    }, 'settling');
  }

  /** At the server: its kernel refuses what comes over this connection. */
  reset(): void {
    this.ends.from.send(() => {
      if (this.state === 'open') this.state = 'reset';
      this.rejectAll('ECONNRESET', 'reset by the server');
    }, 'settling');
  }

  /** At the server: a request arrives, possibly at another process than the one that accepted. */
  private arrive(id: number, body: Value): void {
    const { process } = this.ends;
    if (process.liveness === 'gone') return;
    if (process.incarnation !== this.incarnation) this.reset();
    else process.request(this, id, body);
  }

  private rejectAll(code: string, what: string): void {
    for (const { reject } of this.pending.values()) reject(broken(this.ends, code, what));
    this.pending.clear();
  }
}

function nameOf<Message>({ process }: ConnectionEnds<Message>): NodeName {
  return process.options.name;
}

function refusal<Message>(ends: ConnectionEnds<Message>): DefiniteError {
  return new DefiniteError('refused', `${nameOf(ends)} refused the connection`, {
    code: 'ECONNREFUSED',
  });
}

function broken<Message>(
  ends: ConnectionEnds<Message>,
  code: string,
  what: string,
): IndefiniteError {
  return new IndefiniteError(`connection to ${nameOf(ends)} was ${what}`, { code });
}

function gaveUp<Message>(ends: ConnectionEnds<Message>, signal: AbortSignal): IndefiniteError {
  return new IndefiniteError(`gave up asking ${nameOf(ends)}`, { cause: signal.reason });
}
