/**
 * A client of the workload `data`: files written by Alluxio's own Java client. `open [name, number]` creates a file, writes
 * the number and leaves it open; `close [name, number]` closes it; `read [name, null]` reads it; `list` answers [name,
 * number] of all that are closed, by their names.
 */
import type { Client } from '../../../harness/client.ts';
import type { Invocation, NodeName, Value } from '../../../harness/operation.ts';
import type { Cluster, Machine } from '../../../harness/testbed.ts';
import { BridgeLine } from './bridge.ts';

/** Where the workload's files are. */
export const FILES = '/data';

/** Starts the bridge, once a cluster. */
export type StartBridge = (cluster: Cluster) => Promise<Machine>;

/** The bridge finds the leader by itself, so that what a client is opened on does not matter. */
export function dataClient(cluster: Cluster, bridge: StartBridge): Client {
  let line: BridgeLine | null = null;
  return {
    open: async (_node: NodeName, signal: AbortSignal) => {
      line = await BridgeLine.open(await bridge(cluster), signal);
    },
    invoke: (operation) => {
      if (line === null) throw new TypeError('alluxio client: invoke before open');
      return operation.f === 'list' ? list(line) : stream(line, operation);
    },
    close: async () => line?.close(),
    session: () => line?.name ?? 'none',
  };
}

async function stream(line: BridgeLine, { f, value }: Invocation): Promise<Value> {
  const [name, number] = pairOf(value);
  const path = `${FILES}/${name}`;
  switch (f) {
    case 'open':
      await line.ask('open', path, JSON.stringify(number));
      return value;
    case 'close':
      await line.ask('close', path);
      return value;
    case 'read': {
      // A file that was not closed reads as empty.
      const text = await line.ask('read', path);
      return [name, text === '' ? null : Number(text)];
    }
    default:
      throw new TypeError(`the data client does not know "${f}"`);
  }
}

/** A file's name ends in its number. */
async function list(line: BridgeLine): Promise<Value> {
  const names = await line.ask('list', FILES);
  return names
    .split(' ')
    .filter((name) => name !== '')
    .map((name) => [name, Number(name.slice(name.lastIndexOf('-') + 1))]);
}

function pairOf(value: Value): readonly [string, Value] {
  if (Array.isArray(value)) {
    const [name, number] = value as readonly Value[];
    if (typeof name === 'string') return [name, number ?? null];
  }
  throw new TypeError(`expected [name, number], got ${JSON.stringify(value)}`);
}
