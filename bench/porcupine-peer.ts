/** The real Porcupine beside us: the published Go module, built once into the user's cache, driven by lines of JSON. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { execa } from 'execa';
import { projectPath } from '../harness/project-path.ts';
import type { HistoryEvent } from './register-histories.ts';

export type PeerModel = 'cas-register' | 'kv' | 'kv-whole';

export interface PeerTiming {
  readonly result: 'Ok' | 'Illegal' | 'Unknown';
  /** Of one check. */
  readonly nanos: number;
}

const ABSENT = -1_000_000;

/** Null where there is no Go to build it with. */
export async function startPorcupine(): Promise<PorcupinePeer | null> {
  const { exitCode } = await execa('go', ['version'], { reject: false });
  if (exitCode !== 0) return null;
  return new PorcupinePeer(await build());
}

async function build(): Promise<string> {
  const source = projectPath('bench/porcupine');
  const hash = createHash('sha256');
  for (const file of ['main.go', 'go.mod', 'go.sum']) hash.update(readFileSync(join(source, file)));
  const folder = projectPath('node_modules/.cache/faultline');
  const binary = join(folder, `porcupine-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  await execa('go', ['build', '-o', binary, '.'], { cwd: source });
  return binary;
}

/** One process, one request at a time. */
export class PorcupinePeer {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncIterator<string>;

  constructor(binary: string) {
    this.#process = spawn(binary, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Hands a history over; parsing it is not timed. */
  async load(row: string, model: PeerModel, events: readonly HistoryEvent[]): Promise<void> {
    const converted = model === 'cas-register' ? registerEvents(events) : mapEvents(events);
    await this.#ask({ load: row, model, events: converted });
  }

  /** Checks it `repeat` times. */
  async run(row: string, repeat: number, limitMs: number): Promise<PeerTiming> {
    return (await this.#ask({ run: row, repeat, limitMs })) as PeerTiming;
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.stdin.end();
    await ended;
  }

  async #ask(request: object): Promise<unknown> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = (await this.#answers.next()) as IteratorResult<string, undefined>;
    if (done === true) throw new Error('the Porcupine process ended');
    return JSON.parse(value);
  }
}

type PeerEvent = readonly [
  kind: 0 | 1,
  id: number,
  f: string,
  a: unknown,
  b: unknown,
  known: 0 | 1,
];

/** Calls and returns; what never completed returns at the end, unknown. A `fail` of a cas is a refused compare. */
function registerEvents(events: readonly HistoryEvent[]): PeerEvent[] {
  const number = (value: unknown): number => (typeof value === 'number' ? value : ABSENT);
  return paired(
    events,
    ({ f, value }, id) => {
      const [a, b] = f === 'cas' ? (value as [unknown, unknown]) : [value, null];
      return [0, id, f, number(a), number(b), 0];
    },
    ({ type, f, value }, id) => [
      1,
      id,
      f,
      f === 'read' ? number(value) : 0,
      type === 'ok' ? 1 : 0,
      1,
    ],
  );
}

function mapEvents(events: readonly HistoryEvent[]): PeerEvent[] {
  const parts = ({ value }: HistoryEvent): [string, string] => {
    const [key, content] = value as [string, string | null];
    return [key, content ?? ''];
  };
  return paired(
    events,
    (event, id) => [0, id, event.f, ...parts(event), 0],
    (event, id) => [1, id, event.f, ...parts(event), 1],
  );
}

function paired(
  events: readonly HistoryEvent[],
  call: (event: HistoryEvent, id: number) => PeerEvent,
  end: (event: HistoryEvent, id: number) => PeerEvent,
): PeerEvent[] {
  const result: (PeerEvent | null)[] = [];
  const open = new Map<number, { id: number; place: number; f: string }>();
  for (const [id, event] of events.entries()) {
    if (event.type === 'invoke') {
      open.set(event.process, { id, place: result.length, f: event.f });
      result.push(call(event, id));
      continue;
    }
    const pending = open.get(event.process);
    if (pending === undefined || event.type === 'info') continue;
    open.delete(event.process);
    if (event.type === 'fail' && event.f !== 'cas') result[pending.place] = null;
    else result.push(end(event, pending.id));
  }
  for (const { id, f } of open.values()) result.push([1, id, f, f === 'get' ? '' : 0, 0, 0]);
  return result.filter((event) => event !== null);
}
