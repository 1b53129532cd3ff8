/**
 * A Toxiproxy server, driven through toxiproxy-node-client. What the client leaves out is put right here and nowhere
 * else: it throws the server's status and words away, waits for ever, does not tell a proxy's toxics, and has no change
 * that is done whole or not at all. Its classes get a transport of ours, with a limit of time and typed errors.
 */
import { Toxiproxy } from 'toxiproxy-node-client';
import type { Clock } from '../../../clock.ts';
import { MILLISECOND } from '../../../operation.ts';

/** What went wrong, by the server's status (its README, "HTTP API"), or before it answered. */
export type ToxiproxyProblem =
  /** 400: a toxic that does not exist, a field that is missing. */
  | 'bad-request'
  /** 404: no such proxy, or no such toxic. */
  | 'not-found'
  /** 409: a proxy or a toxic of this name is there already. */
  | 'conflict'
  /** Any other status. */
  | 'server'
  /** No answer in time. It may have been done. */
  | 'timeout'
  /** It could not be reached. */
  | 'unreachable';

export class ToxiproxyError extends Error {
  override readonly name = 'ToxiproxyError';
  readonly problem: ToxiproxyProblem;
  /** The server's status; null when it did not answer. */
  readonly status: number | null;
  /** The server's own words, or what the network said. */
  readonly words: string;

  constructor(
    request: string,
    answer: { readonly problem: ToxiproxyProblem; readonly status: number | null; words: string },
  ) {
    const status = answer.status === null ? answer.problem : String(answer.status);
    super(`toxiproxy: ${request}: ${status}: ${answer.words}`);
    this.problem = answer.problem;
    this.status = answer.status;
    this.words = answer.words;
  }
}

/** A proxy as it is to be. */
export interface ProxyForm {
  readonly name: string;
  /** `127.0.0.1:18001` */
  readonly listen: string;
  readonly upstream: string;
}

/** A toxic as the server has it. */
export interface ToxicForm {
  readonly name: string;
  readonly type: string;
  readonly stream: 'upstream' | 'downstream';
  /** Share of connections. */
  readonly toxicity: number;
  readonly attributes: Readonly<Record<string, number>>;
}

/** A proxy as it is. */
export interface ProxyState extends ProxyForm {
  readonly enabled: boolean;
  readonly toxics: readonly ToxicForm[];
}

/** One change of a proxy. */
export type ProxyChange =
  | {
      readonly change: 'add-proxy';
      readonly proxy: ProxyForm;
      readonly toxics: readonly ToxicForm[];
    }
  | { readonly change: 'add-toxic'; readonly proxy: string; readonly toxic: ToxicForm }
  | { readonly change: 'remove-toxic'; readonly proxy: string; readonly toxic: string }
  | { readonly change: 'enable' | 'disable'; readonly proxy: string };

export interface ToxiproxyOptions {
  /** `http://10.200.1.11:8474` */
  readonly url: string;
  readonly clock: Clock;
  /** Told of every change that was made, as it is made. */
  readonly journal: (change: ProxyChange) => void;
  /** How long an answer is waited for. Default: 3000 ms. */
  readonly limitMs?: number;
}

export class ToxiproxyServer {
  readonly #client: Toxiproxy;
  readonly #options: ToxiproxyOptions;

  constructor(options: ToxiproxyOptions) {
    this.#options = options;
    this.#client = new Toxiproxy(options.url);
    // The client's own transport has private members, and the same public ones.
    this.#client.api = new Transport(options) as unknown as Toxiproxy['api'];
  }

  /** `2.12.0`. @throws ToxiproxyError */
  async version(): Promise<string> {
    const text = await this.#client.getVersion();
    return (JSON.parse(text) as { version: string }).version;
  }

  /** Every proxy with its toxics, by name. @throws ToxiproxyError */
  async proxies(): Promise<ReadonlyMap<string, ProxyState>> {
    const { data } = await this.#client.api.get<Record<string, ProxyState>>(
      `${this.#client.host}/proxies`,
    );
    return new Map(Object.entries(data));
  }

  /**
   * Adds a proxy and its toxics so that no connection meets the one without the others: it listens last.
   * @throws ToxiproxyError nothing of it is left then
   */
  async addProxy(proxy: ProxyForm, toxics: readonly ToxicForm[] = []): Promise<void> {
    const made = await this.#client.createProxy({ ...proxy, enabled: toxics.length === 0 });
    try {
      for (const toxic of toxics) await made.addToxic(bodyOf(toxic));
      if (toxics.length > 0) await made.update({ ...proxy, enabled: true });
    } catch (error) {
      await made.remove();
      throw error;
    }
    this.#options.journal({ change: 'add-proxy', proxy, toxics });
  }

  /** @throws ToxiproxyError */
  async addToxic(proxy: string, toxic: ToxicForm): Promise<void> {
    await this.#client.api.post(`${this.#pathOf(proxy)}/toxics`, toxic);
    this.#options.journal({ change: 'add-toxic', proxy, toxic });
  }

  /** One that is not there is removed. @throws ToxiproxyError */
  async removeToxic(proxy: string, toxic: string): Promise<void> {
    const path = `${this.#pathOf(proxy)}/toxics/${encodeURIComponent(toxic)}`;
    if (!(await unlessNotFound(this.#client.api.delete(path)))) return;
    this.#options.journal({ change: 'remove-toxic', proxy, toxic });
  }

  /** Whether the proxy listens. Ends all its connections when it does not. @throws ToxiproxyError */
  async setEnabled(proxy: string, enabled: boolean): Promise<void> {
    await this.#client.api.post(this.#pathOf(proxy), { enabled });
    this.#options.journal({ change: enabled ? 'enable' : 'disable', proxy });
  }

  /** All of these changes at once, or none: those that were made are taken back when another fails. */
  async changeAll(changes: readonly ProxyChange[]): Promise<void> {
    const ends = await Promise.allSettled(changes.map((change) => this.change(change)));
    const failure = ends.find((end) => end.status === 'rejected');
    if (failure === undefined) return;
    const made = changes.filter((_, index) => ends[index]?.status === 'fulfilled');
    await Promise.all(made.flatMap(reverse).map((change) => this.change(change)));
    throw failure.reason;
  }

  /** @throws ToxiproxyError */
  async change(change: ProxyChange): Promise<void> {
    switch (change.change) {
      case 'add-proxy':
        return this.addProxy(change.proxy, change.toxics);
      case 'add-toxic':
        return this.addToxic(change.proxy, change.toxic);
      case 'remove-toxic':
        return this.removeToxic(change.proxy, change.toxic);
      case 'enable':
      case 'disable':
        return this.setEnabled(change.proxy, change.change === 'enable');
    }
  }

  #pathOf(proxy: string): string {
    return `${this.#client.host}/proxies/${encodeURIComponent(proxy)}`;
  }
}

/** What takes a change back. */
export function reverse(change: ProxyChange): readonly ProxyChange[] {
  const { change: what } = change;
  if (what === 'add-toxic') {
    return [{ change: 'remove-toxic', proxy: change.proxy, toxic: change.toxic.name }];
  }
  if (what === 'disable') return [{ change: 'enable', proxy: change.proxy }];
  return what === 'enable' ? [{ change: 'disable', proxy: change.proxy }] : [];
}

/** The client's form of a toxic: its types know fewer than the server does. */
function bodyOf(
  toxic: ToxicForm,
): Parameters<import('toxiproxy-node-client').Proxy['addToxic']>[0] {
  return toxic as Parameters<import('toxiproxy-node-client').Proxy['addToxic']>[0];
}

async function unlessNotFound(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof ToxiproxyError && error.problem === 'not-found') return false;
    throw error;
  }
}

/** In place of the client's transport: the same four calls. */
class Transport {
  readonly #clock: Clock;
  readonly #limitMs: number;

  constructor({ clock, limitMs = 3_000 }: ToxiproxyOptions) {
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  async get(url: string): Promise<{ data: unknown }> {
    return { data: JSON.parse(await this.getText(url)) };
  }

  async post(url: string, body?: unknown): Promise<{ data: unknown }> {
    const text = await this.#send('POST', url, body === undefined ? null : JSON.stringify(body));
    return { data: text === '' ? undefined : JSON.parse(text) };
  }

  async delete(url: string): Promise<void> {
    await this.#send('DELETE', url, null);
  }

  getText(url: string): Promise<string> {
    return this.#send('GET', url, null);
  }

  async #send(method: string, url: string, body: string | null): Promise<string> {
    const request = `${method} ${new URL(url).pathname}`;
    const limit = new AbortController();
    const timer = this.#clock.at(this.#clock.now() + this.#limitMs * MILLISECOND, () =>
      limit.abort(),
    );
    try {
      // A connection each: one that is kept may lead to a server that is gone since.
      const headers = { 'Content-Type': 'application/json', Connection: 'close' };
      const answer = await fetch(url, { method, body, headers, signal: limit.signal });
      const text = await answer.text();
      if (answer.ok) return text;
      throw refused(request, answer.status, text);
    } catch (error) {
      if (error instanceof ToxiproxyError) throw error;
      const problem = limit.signal.aborted ? 'timeout' : 'unreachable';
      const words = limit.signal.aborted ? `no answer in ${this.#limitMs} ms` : causeOf(error);
      throw new ToxiproxyError(request, { problem, status: null, words });
    } finally {
      timer.cancel();
    }
  }
}

const PROBLEMS: Readonly<Record<number, ToxiproxyProblem>> = {
  400: 'bad-request',
  404: 'not-found',
  409: 'conflict',
};

/** The server's words are `{"error","status"}`, or plain text where its routes end. */
function refused(request: string, status: number, text: string): ToxiproxyError {
  const problem = PROBLEMS[status] ?? 'server';
  return new ToxiproxyError(request, { problem, status, words: wordsOf(text) });
}

function wordsOf(text: string): string {
  try {
    return (JSON.parse(text) as { error?: string }).error ?? text.trim();
  } catch {
    return text.trim(); // Not JSON: the words are the text.
  }
}

function causeOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
