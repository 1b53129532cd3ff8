import { createServer, type Server, Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { clientOf, never, READ, run, shape, write } from '../test/fakes/run-interpreter.ts';
import { DefiniteError, IndefiniteError } from './client.ts';
import { realClock } from './clock.ts';
import { limit } from './generators/limit.ts';
import { stagger } from './generators/pace.ts';
import { pairs, UNPAIRED } from './history.ts';
import { MILLISECOND, SECOND, type Value } from './operation.ts';
import { SimulatedClock } from './simulated-clock.ts';

describe('outcomes', () => {
  test('ok carries the answer, the node and the session', async () => {
    const client = clientOf(async () => 7, { session: () => 's1' });
    const { history, ok, failure } = await run({ client, generator: [READ] });
    expect(history).toMatchObject([
      { index: 0, process: 0, type: 'invoke', f: 'read', value: null, node: 'n1' },
      { index: 1, process: 0, type: 'ok', f: 'read', value: 7, node: 'n1', session: 's1' },
    ]);
    expect([ok, failure]).toEqual([1, null]);
  });

  test('a definite error is a fail, and the process goes on', async () => {
    const client = clientOf(async () => {
      throw new DefiniteError('rejected', 'no such key', { code: 'NONODE' });
    });
    const { history, failed, nextProcess } = await run({ client, generator: [write(1), write(2)] });
    expect(shape(history)).toEqual([
      '0 invoke write',
      '0 fail write rejected',
      '0 invoke write',
      '0 fail write rejected',
    ]);
    expect(history[1]?.error).toEqual({ kind: 'rejected', message: 'no such key', code: 'NONODE' });
    expect([failed, nextProcess]).toEqual([2, 1]);
  });

  test('an indefinite error retires the process; a pure read fails and keeps it, with a new client', async () => {
    let opened = 0;
    let closed = 0;
    const client = clientOf(
      async () => {
        throw new IndefiniteError('connection lost');
      },
      { open: async () => void opened++, close: async () => void closed++ },
    );
    const generator = [write(1), READ, READ];
    const { history, nextProcess, failure } = await run({ client, generator });
    expect(shape(history)).toEqual([
      '0 invoke write',
      '0 info write indefinite',
      '1 invoke read',
      '1 fail read indefinite',
      '1 invoke read',
      '1 fail read indefinite',
    ]);
    expect([opened, closed, nextProcess, failure]).toEqual([3, 3, 2, null]);
  });

  test('retired processes go on as process + concurrency, on the same node', async () => {
    const client = clientOf(async () => {
      throw new IndefiniteError('lost');
    });
    const generator = Array.from({ length: 12 }, (_, at) => write(at));
    const { history, nextProcess } = await run({
      client,
      generator,
      concurrency: 3,
      firstProcess: 6,
    });
    const invoked = history.filter(({ type }) => type === 'invoke');
    expect(invoked.map(({ process }) => process).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, at) => 6 + at),
    );
    for (const { process, node } of history) expect(node).toBe(`n${(process % 3) + 1}`);
    expect(nextProcess).toBe(21);
  });

  test('clients that cannot be opened fail operations at a bounded rate, and are opened again', async () => {
    const clock = new SimulatedClock();
    let attempts = 0;
    const client = clientOf(async ({ value }) => value, {
      open: async () => {
        if (++attempts < 6) throw new Error('ECONNREFUSED');
      },
    });
    const { history, failure, ok } = await run({
      clock,
      client,
      generator: Array.from({ length: 6 }, (_, at) => write(at)),
    });
    expect(shape(history).slice(0, 2)).toEqual(['0 invoke write', '0 fail write no-client']);
    const times = history.filter(({ type }) => type === 'invoke').map(({ time }) => time);
    const gaps = times.slice(1).map((time, at) => (time - (times[at] ?? 0)) / MILLISECOND);
    [100, 200, 400, 800, 1600].forEach((delay, at) => {
      expect(gaps[at]).toBeGreaterThanOrEqual(delay / 2);
      expect(gaps[at]).toBeLessThanOrEqual(delay);
    });
    expect([failure, ok, attempts]).toEqual([null, 1, 6]);
  });
});

describe('deadlines', () => {
  test('a client that never answers', async () => {
    const clock = new SimulatedClock();
    let aborted = 0;
    const client = clientOf((_, signal) => {
      signal.addEventListener('abort', () => aborted++);
      return never();
    });
    const { history, failure, info } = await run({ clock, client, generator: [write(1), READ] });
    expect(shape(history)).toEqual([
      '0 invoke write',
      '0 info write deadline',
      '1 invoke read',
      '1 fail read deadline',
    ]);
    expect(history.map(({ time }) => time / SECOND)).toEqual([0, 1, 1, 2]);
    expect([failure, info, aborted]).toEqual([null, 1, 2]);
  });

  test('an answer after the deadline is ignored, and its client closed', async () => {
    const clock = new SimulatedClock();
    const values: Value[] = ['late', 'in time'];
    let closed = 0;
    const client = clientOf(
      async () => {
        const value = values.shift() ?? null;
        await clock.sleep(value === 'late' ? 1.5 * SECOND : 0.9 * SECOND);
        return value;
      },
      { close: async () => void closed++ },
    );
    const { history } = await run({ clock, client, generator: [write(1), write(2)] });
    expect(shape(history)).toEqual([
      '0 invoke write',
      '0 info write deadline',
      '1 invoke write',
      '1 ok write',
    ]);
    expect(history[3]).toMatchObject({ value: 'in time', time: 1.9 * SECOND });
    expect(closed).toBe(2);
  });

  test('an opening that hangs', async () => {
    const client = clientOf(never, { open: never });
    const { history } = await run({ client, generator: [write(1)] });
    expect(shape(history)).toEqual(['0 invoke write', '0 fail write no-client']);
  });

  test('a close that hangs does not hold up the end', async () => {
    const client = clientOf(async ({ value }) => value, { close: never });
    const { ok } = await run({ client, generator: [write(1)] });
    expect(ok).toBe(1);
  });
});

describe('the end', () => {
  test('stopping invokes nothing more and drains what is outstanding', async () => {
    const clock = new SimulatedClock();
    const stop = new AbortController();
    clock.at(25 * MILLISECOND, () => stop.abort());
    const client = clientOf(async ({ value }) => {
      await clock.sleep(10 * MILLISECOND);
      return value;
    });
    const { history, ok, info } = await run({
      clock,
      client,
      stop: stop.signal,
      generator: () => READ,
    });
    expect([ok, info, history.at(-1)?.time]).toEqual([3, 0, 30 * MILLISECOND]);
  });

  test('what does not answer is closed after one deadline', async () => {
    const clock = new SimulatedClock();
    const stop = new AbortController();
    clock.at(500 * MILLISECOND, () => stop.abort());
    const { history } = await run({
      clock,
      client: clientOf(never),
      stop: stop.signal,
      generator: () => write(1),
    });
    expect(shape(history)).toEqual(['0 invoke write', '0 info write deadline']);
    expect(clock.now()).toBeLessThanOrEqual(1.5 * SECOND);
  });

  test('stopped before it begins', async () => {
    const { history } = await run({ stop: AbortSignal.abort(), generator: () => READ });
    expect(history).toEqual([]);
  });

  test('stopped while clients are being opened: nothing was sent, nothing is recorded', async () => {
    const clock = new SimulatedClock();
    const stop = new AbortController();
    clock.at(100 * MILLISECOND, () => stop.abort());
    const client = clientOf(never, { open: never });
    const { history, invoked } = await run({
      clock,
      client,
      stop: stop.signal,
      generator: () => READ,
    });
    expect([history.length, invoked]).toEqual([0, 0]);
  });
});

test('property: indexes are dense, times never decrease, every process has one operation outstanding', async () => {
  const outcome = fc.constantFrom('ok', 'rejected', 'refused', 'lost', 'never', 'late');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(outcome, fc.nat(2000)), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 7 }),
      async (plan, concurrency) => {
        const clock = new SimulatedClock();
        let at = 0;
        const client = clientOf(async ({ value }) => {
          const [what, delay] = plan[at++ % plan.length] ?? ['ok', 0];
          if (what === 'never') return never();
          await clock.sleep(delay * MILLISECOND);
          if (what === 'lost') throw new IndefiniteError('lost');
          if (what === 'refused' || what === 'rejected') throw new DefiniteError(what, what);
          return value;
        });
        const generator = limit(
          plan.length,
          stagger(5 * MILLISECOND, () => write(1)),
        );
        const { history, failure, invoked } = await run({ clock, client, concurrency, generator });
        expect([failure, invoked]).toEqual([null, plan.length]);
        expect(history.map(({ index }) => index)).toEqual(history.map((_, index) => index));
        const times = history.map(({ time }) => time);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect([...pairs(history)]).not.toContain(UNPAIRED);
      },
    ),
    { numRuns: 100 },
  );
});

describe('in real time', () => {
  let server: Server | null = null;
  afterEach(() => void server?.close());

  test('the event loop blocked past the deadline: an answer in the socket counts', async () => {
    const listening = createServer((socket) => {
      socket.on('data', () => {
        socket.write('!');
        block(400); // The answer lies in the client's socket while nobody looks.
      });
    });
    server = listening;
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    const { port } = listening.address() as { port: number };
    const socket = new Socket();
    const client = clientOf(
      () =>
        new Promise((resolve) => {
          socket.once('data', () => resolve('answered'));
          socket.write('?');
        }),
      {
        open: () => new Promise((resolve) => socket.connect(port, '127.0.0.1', resolve)),
        close: async () => void socket.destroy(),
      },
    );
    const { history } = await run({
      clock: realClock(),
      client,
      deadlineNanos: 100 * MILLISECOND,
      generator: [write(1)],
    });
    expect(shape(history)).toEqual(['0 invoke write', '0 ok write']);
    expect(history[1]?.time).toBeGreaterThan((history[0]?.time ?? 0) + 399 * MILLISECOND);
  });

  test('the pace of a generator is kept', async () => {
    const generator = limit(
      200,
      stagger(MILLISECOND, () => READ),
    );
    const { history } = await run({ clock: realClock(), generator, concurrency: 5 });
    const lasted = ((history.at(-1)?.time ?? 0) - (history[0]?.time ?? 0)) / MILLISECOND;
    expect(lasted).toBeGreaterThan(150);
    expect(history).toHaveLength(400);
  });
});

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
