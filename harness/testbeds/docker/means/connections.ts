/**
 * Live connections of a node ended by its kernel (`ss -K`, ss(8); needs INET_DIAG_DESTROY). What ss says on its way out
 * is not to be trusted: it may complain of an invalid argument and have done it. The socket table tells.
 */
import { readFileSync } from 'node:fs';
import type { Armed, Observation, Verification } from '../../../nemesis.ts';
import type { NodeName } from '../../../operation.ts';
import type { NodeHost } from '../node-host.ts';
import {
  ESTABLISHED,
  TCP_TABLES,
  type TcpSocket,
  parseTcpTable,
} from '../../supervised/tcp-table.ts';
import { runOnHost } from '../undo/in-node.ts';

/** Makes ready the end of a node's connections with these. @throws when the node has no `ss`, and we are not root on its host */
export async function connectionsOf(
  host: NodeHost,
  peers: ReadonlyMap<NodeName, string>,
): Promise<Armed> {
  if (host.initPid() === null) {
    const { code } = await host.exec(['ss', '-V']);
    if (code !== 0) throw new Error(`${host.name}: its image lacks iproute2 (ss)`);
  }
  return new KilledConnections(host, peers, await liveOf(host, peers));
}

class KilledConnections implements Armed {
  readonly undo = [];
  readonly #host: NodeHost;
  readonly #peers: ReadonlyMap<NodeName, string>;
  #before: readonly TcpSocket[];
  #killing: Promise<string> = Promise.resolve('');

  constructor(host: NodeHost, peers: ReadonlyMap<NodeName, string>, before: readonly TcpSocket[]) {
    this.#host = host;
    this.#peers = peers;
    this.#before = before;
  }

  fire(): void {
    const initPid = this.#host.initPid();
    // Those of this very moment, where they can be seen at once.
    if (initPid !== null) this.#before = liveNow(initPid, this.#peers);
    const to = [...this.#peers.values()].flatMap((address) => ['or', 'dst', `[${address}]`]);
    const argv = ['ss', '-K', '-H', '-t', ...to.slice(1).map((word) => word.replace(/[[\]]/g, ''))];
    this.#killing =
      initPid === null
        ? this.#host.exec(argv).then(({ stdout }) => stdout)
        : runOnHost('nsenter', ['-t', String(initPid), '-n', ...argv]).then(({ output }) => output);
    this.#killing.catch(() => undefined); // told when it is verified
  }

  async done(): Promise<void> {
    await this.#killing.catch(() => undefined); // told when it is verified
  }

  /** There were connections, ss told of them, and none of them is in the table any more. */
  async verify(): Promise<Verification> {
    const told = await this.#killing.catch((error: unknown) => String(error));
    const lines = told.split('\n').filter((line) => /ESTAB|CLOSE-WAIT|FIN-WAIT/.test(line));
    const left = new Set((await liveOf(this.#host, this.#peers)).map(({ inode }) => inode));
    const alive = this.#before.filter(({ inode }) => left.has(inode));
    const count = this.#before.length;
    const gone = `${count - alive.length} of ${count} connections gone`;
    const { name } = this.#host;
    const observations: Observation[] = [
      { means: `sockets of ${name}`, seen: gone, confirms: count > 0 && alive.length === 0 },
      { means: 'ss -K', seen: `${lines.length} connections told of`, confirms: lines.length > 0 },
    ];
    return { verified: observations.every(({ confirms }) => confirms), observations };
  }

  heal(): Promise<void> {
    return Promise.resolve(); // whoever needs a connection dials again
  }

  verifyHealed(): Promise<Verification> {
    const seen = 'whoever needs a connection dials again';
    const observations = [{ means: 'nothing stays', seen, confirms: true }];
    return Promise.resolve({ verified: true, observations });
  }
}

async function liveOf(
  host: NodeHost,
  peers: ReadonlyMap<NodeName, string>,
): Promise<readonly TcpSocket[]> {
  const initPid = host.initPid();
  if (initPid !== null) return liveNow(initPid, peers);
  const { stdout } = await host.exec(['cat', ...TCP_TABLES]);
  return liveIn(stdout, peers);
}

function liveNow(initPid: number, peers: ReadonlyMap<NodeName, string>): readonly TcpSocket[] {
  try {
    const tables = TCP_TABLES.map((path) => path.replace('/proc/', `/proc/${initPid}/`));
    return liveIn(tables.map((path) => readFileSync(path, 'utf8')).join('\n'), peers);
  } catch {
    return []; // Its container has ended.
  }
}

function liveIn(text: string, peers: ReadonlyMap<NodeName, string>): readonly TcpSocket[] {
  const wanted = new Set(peers.values());
  return parseTcpTable(text).filter(
    ({ peer, state, inode }) => state === ESTABLISHED && inode !== '0' && wanted.has(peer),
  );
}
