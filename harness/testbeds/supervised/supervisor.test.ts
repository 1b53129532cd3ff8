import { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { FrameReader, encodeFrame } from './supervisor-frames.ts';
import { NodeGoneError, Supervisor, unlessGone } from './supervisor.ts';

/** A container's stream whose other end is in the test's hands. */
class FakeStream extends Duplex {
  readonly asked: string[][] = [];
  readonly #reader = new FrameReader();

  override _read(): void {
    // what it says is pushed by the test
  }

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.asked.push(...this.#reader.push(chunk).map((fields) => fields.map(String)));
    done();
  }

  say(...fields: string[]): void {
    this.#push(1, encodeFrame(fields));
  }

  complain(text: string): void {
    this.#push(2, Buffer.from(text));
  }

  #push(stream: number, bytes: Buffer): void {
    const header = Buffer.alloc(8);
    header[0] = stream;
    header.writeUInt32BE(bytes.length, 4);
    this.push(Buffer.concat([header, bytes]));
  }
}

function pair(): { stream: FakeStream; supervisor: Supervisor; notices: unknown[][] } {
  const stream = new FakeStream();
  const notices: unknown[][] = [];
  const note =
    (kind: string) =>
    (...rest: unknown[]) =>
      void notices.push([kind, ...rest.map(plain)]);
  const supervisor = new Supervisor('n1', stream, {
    exited: note('exited'),
    logged: note('logged'),
    changed: note('changed'),
    received: note('received'),
    closed: note('closed'),
  });
  return { stream, supervisor, notices };
}

function plain(value: unknown): unknown {
  return Buffer.isBuffer(value) ? value.toString() : value;
}

describe('Supervisor', () => {
  test('a request is on its way before the call returns', () => {
    const { stream, supervisor } = pair();
    void unlessGone(supervisor.request('kill'));
    expect(stream.asked).toEqual([['1', 'kill']]);
  });

  test('replies find their requests in any order', async () => {
    const { stream, supervisor } = pair();
    const one = supervisor.request('state');
    const two = supervisor.request('read', '/x');
    stream.say('2', 'ok', 'two');
    stream.say('1', 'error', 'no such thing');
    expect((await two).map(String)).toEqual(['two']);
    await expect(one).rejects.toThrow('n1: state: no such thing');
  });

  test('greets, and passes notices on', async () => {
    const { stream, supervisor, notices } = pair();
    stream.say('0', 'hello', '4711', '1', 'iptables-save');
    expect(await supervisor.hello).toEqual({
      datagramPort: 4711,
      watches: true,
      tools: ['iptables-save'],
    });
    stream.say('0', 'exit', '7', '137', '9');
    stream.say('0', 'log', '12', 'text');
    stream.say('0', 'file', '3', 'currentEpoch');
    await new Promise(setImmediate);
    expect(notices).toEqual([
      ['exited', 7, 137, 9],
      ['logged', 12, 'text'],
      ['changed', 3, 'currentEpoch'],
    ]);
  });

  test('what waits when the container ends is told so, with what the supervisor said', async () => {
    const { stream, supervisor, notices } = pair();
    const waiting = supervisor.request('start');
    const refused = expect(waiting).rejects.toThrow(
      /start: the node's supervisor ended.*Bad thing/,
    );
    stream.complain('Bad thing');
    stream.push(null);
    await refused;
    await expect(supervisor.hello).rejects.toBeInstanceOf(NodeGoneError);
    await expect(supervisor.request('kill')).rejects.toBeInstanceOf(NodeGoneError);
    expect(notices).toEqual([['closed', 'its supervisor ended']]);
    expect(supervisor.closed).toBe(true);
  });

  test('released, it says nothing more', async () => {
    const { supervisor, notices } = pair();
    const waiting = unlessGone(supervisor.request('kill'));
    supervisor.release();
    expect(await waiting).toBeUndefined();
    await new Promise(setImmediate);
    expect(notices).toEqual([]);
  });
});

test('unlessGone hides only the loss of the node', async () => {
  expect(await unlessGone(Promise.resolve(1))).toBe(1);
  expect(await unlessGone(Promise.reject(new NodeGoneError('gone')))).toBeUndefined();
  await expect(unlessGone(Promise.reject(new Error('other')))).rejects.toThrow('other');
});
