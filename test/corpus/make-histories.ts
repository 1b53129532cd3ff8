/**
 * Makes the histories of test/corpus/histories: `npx tsx test/corpus/make-histories.ts`. Each is what clients of a
 * simulated system saw: one correct, and one with a single defect, so that the verdict is known by construction.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { projectPath } from '../../harness/project-path.ts';
import { seededRandom, type Draws } from '../../harness/random.ts';

const FOLDER = projectPath('test/corpus/histories');
const CLIENTS = 5;

interface Line {
  readonly process: number;
  readonly type: string;
  readonly f: string;
  readonly value: unknown;
}

/** What a client asks, and how the system answers at one moment in between. */
interface System {
  ask(random: Draws, nth: number): { readonly f: string; readonly value: unknown };
  answer(f: string, value: unknown): { readonly type: string; readonly value: unknown };
}

/** Clients that overlap: each asks, the system acts at some later step, and the answer arrives at another. */
function drive(system: System, seed: bigint, operations: number, crashes = 0): Line[] {
  const random = seededRandom(seed).sequence('history');
  const lines: Line[] = [];
  const busy = new Map<number, { f: string; asked: unknown; answer: Line | null }>();
  const processOf = Array.from({ length: CLIENTS }, (_, client) => client);
  for (let asked = 0; asked < operations || busy.size > 0;) {
    const client = random.below(CLIENTS);
    const process = processOf[client] ?? client;
    const now = busy.get(client);
    if (now === undefined) {
      if (asked >= operations) continue;
      const { f, value } = system.ask(random, ++asked);
      lines.push({ process, type: 'invoke', f, value });
      busy.set(client, { f, asked: value, answer: null });
    } else if (now.answer === null) {
      const answer = system.answer(now.f, now.asked);
      now.answer = { process, f: now.f, ...answer };
    } else {
      const isLost = random.below(100) < crashes;
      lines.push(isLost ? { process, type: 'info', f: now.f, value: now.asked } : now.answer);
      // A client whose operation may still happen is another one from now on.
      if (isLost) processOf[client] = process + CLIENTS;
      busy.delete(client);
    }
  }
  return lines;
}

function register(staleFrom = Infinity): System {
  let value: unknown = null;
  let before: unknown = null;
  let writes = 0;
  let reads = 0;
  const set = (next: unknown): void => {
    before = value;
    value = next;
    writes++;
  };
  return {
    ask: (random, nth) => {
      const kind = random.below(3);
      if (kind === 0) return { f: 'read', value: null };
      if (kind === 1) return { f: 'write', value: nth };
      return { f: 'cas', value: [value, nth] };
    },
    answer: (f, asked) => {
      if (f === 'read') {
        const isStale = writes > 20 && ++reads === staleFrom;
        return { type: 'ok', value: isStale ? `never ${String(before)}` : value };
      }
      if (f === 'write') set(asked);
      else {
        const [from, to] = asked as [unknown, unknown];
        if (from !== value) return { type: 'fail', value: asked };
        set(to);
      }
      return { type: 'ok', value: asked };
    },
  };
}

type Micro = readonly [string, number, unknown];

/** Lists by key; the one defect is an append that is acknowledged and lost. */
function lists(loseAt = Infinity): System {
  const state = new Map<number, number[]>();
  let appended = 0;
  return {
    ask: (random, nth) => {
      const micros = Array.from({ length: 1 + random.below(3) }, (_, at): Micro => {
        const key = random.below(4);
        return random.below(2) === 0 ? ['r', key, null] : ['append', key, 10 * nth + at];
      });
      return { f: 'txn', value: micros };
    },
    answer: (_, asked) => ({
      type: 'ok',
      value: (asked as Micro[]).map(([f, key, element]) => {
        const list = state.get(key) ?? [];
        if (f === 'r') return [f, key, [...list]];
        if (++appended !== loseAt) state.set(key, [...list, element as number]);
        else if (list.length > 0) state.set(key, [...list.slice(0, -1), element as number]);
        return [f, key, element];
      }),
    }),
  };
}

function bank(leakAt = Infinity): System {
  const accounts = [40, 30, 30];
  let transfers = 0;
  return {
    ask: (random) =>
      random.below(2) === 0
        ? { f: 'read', value: null }
        : { f: 'transfer', value: { from: random.below(3), to: random.below(3), amount: 1 } },
    answer: (f, asked) => {
      if (f === 'read') return { type: 'ok', value: Object.fromEntries(accounts.entries()) };
      const { from, to, amount } = asked as { from: number; to: number; amount: number };
      if ((accounts[from] ?? 0) < amount) return { type: 'fail', value: asked };
      accounts[from] = (accounts[from] ?? 0) - amount;
      if (++transfers !== leakAt) accounts[to] = (accounts[to] ?? 0) + amount;
      return { type: 'ok', value: asked };
    },
  };
}

function edn(value: unknown): string {
  if (value === null) return 'nil';
  if (Array.isArray(value)) return `[${value.map(edn).join(' ')}]`;
  return JSON.stringify(value);
}

const ednLines = (lines: readonly Line[]): string =>
  lines
    .map(
      ({ process, type, f, value }, index) =>
        `{:index ${String(index)}, :process ${String(process)}, :type :${type}, :f :${f}, :value ${edn(value)}}\n`,
    )
    .join('');
const jsonLines = (lines: readonly Line[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');
const perfLines = (lines: readonly Line[]): string =>
  [
    JSON.stringify({ id: 'lists', workload: 'list-append', opts: {} }),
    ...lines.map(({ process, type, value }, index) =>
      JSON.stringify([index, process, type, value]),
    ),
    '',
  ].join('\n');

mkdirSync(FOLDER, { recursive: true });
const keep = (name: string, text: string): void => writeFileSync(`${FOLDER}/${name}`, text);
keep('register.edn', ednLines(drive(register(), 1n, 200, 5)));
keep('register-out-of-nowhere.edn', ednLines(drive(register(5), 2n, 200, 5)));
keep('lists.jsonl', perfLines(drive(lists(), 3n, 300)));
keep('lists-lost-append.jsonl', perfLines(drive(lists(60), 4n, 300)));
keep('bank.jsonl', jsonLines(drive(bank(), 5n, 150)));
keep('bank-leak.jsonl', jsonLines(drive(bank(20), 6n, 150)));
