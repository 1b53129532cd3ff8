/**
 * The join-protocol node over corosync: runs in a container beside its corosync, on Node.js with koffi. Nothing is
 * decided here; the protocol is join-node.ts.
 */
import { connect } from 'node:net';
import { realClock } from '../../../harness/clock.ts';
import { MILLISECOND, SECOND } from '../../../harness/operation.ts';
import { readEpoch, writeEpoch } from './epoch-file.ts';
import { JoinNode } from './join-node.ts';
import { type GroupNews, ProcessGroup } from './process-group.ts';
import { Quorum } from './quorum.ts';
import { type Answer, type Request, rulesOf, type Status } from './protocol.ts';
import { GAVE_UP, type Settings } from './settings.ts';
import { listen, readLines, STATUS_PORT } from './status-port.ts';

const GROUP = 'sheepdog';
/** How long what corosync has may wait for the program. */
const TURN = 4 * MILLISECOND;
const RETRY = 20 * MILLISECOND;
/** A node of a fresh cluster waits so long for the one before it. */
const PREDECESSOR_LIMIT = 10 * SECOND;

const clock = realClock();

const OUTSIDE: Status = { joined: false, master: false, view: null, waiting: [], ring: null };

class Program {
  readonly #settings: Settings;
  readonly #names: ReadonlyMap<number, string>;
  readonly #group: ProcessGroup;
  /** Whoever waits for a note to come back. */
  readonly #askers = new Map<number, (answer: Answer) => void>();
  #node: JoinNode | null = null;
  #notes = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#names = new Map(settings.nodes.map(({ name }, index) => [index + 1, name]));
    this.#group = new ProcessGroup(GROUP, this.#names);
  }

  async run(): Promise<never> {
    listen((request, answer) => this.#answer(request, answer));
    const stored = readEpoch(this.#settings.directory);
    if (stored === null) await this.#predecessorIsIn();
    // Sheepdog is started when its corosync is part of a cluster: a ring of one would be a cluster of its own.
    const quorum = new Quorum();
    while (!quorum.isQuorate() || !this.#group.connect()) await clock.sleep(RETRY);
    const joinNode = this.#newNode(stored ?? 0);
    this.#node = joinNode;
    this.#group.join();
    for (;;) {
      for (const news of this.#group.turn()) this.#take(news, joinNode);
      await clock.sleep(TURN);
    }
  }

  #answer(request: Request, answer: (answer: Answer) => void): void {
    if (request.ask === 'status') return answer({ status: this.#node?.status ?? OUTSIDE });
    const number = ++this.#notes;
    if (this.#node?.note(number) === true) this.#askers.set(number, answer);
    else answer({ refused: 'this node is not in' });
  }

  #take(news: GroupNews, node: JoinNode): void {
    if (news.kind === 'ring') {
      const names = news.nodes.map((number) => this.#names.get(number) ?? `node ${number}`);
      say(`ring ${news.id}: ${names.join(' ')}`);
      node.ringChanged(news.id, names);
    } else if (news.kind === 'change') {
      const { members, left, joined } = news.change;
      const told = [members, left, joined].map((list) => list.map((one) => one.node).join(' '));
      say(`group: members [${told[0]}] left [${told[1]}] joined [${told[2]}]`);
      node.groupChanged(news.change);
    } else {
      node.deliver(news.message);
    }
    this.#tell();
  }

  #newNode(storedEpoch: number): JoinNode {
    const { node, nodes, version, directory } = this.#settings;
    return new JoinNode(
      {
        self: { node, process: process.pid },
        nodeCount: nodes.length,
        storedEpoch,
        newCluster: `${node}-${clock.wallMillis()}`,
        multicast: (message) => this.#group.multicast(message),
        write: (epoch) => {
          writeEpoch(directory, epoch).then(() => this.#node?.written(), fail);
        },
        noted: (number) => {
          this.#askers.get(number)?.({ noted: number });
          this.#askers.delete(number);
        },
        giveUp: (why) => {
          say(`gives up: ${why}`);
          process.exit(GAVE_UP);
        },
      },
      rulesOf(version),
    );
  }

  /** So that the nodes of a fresh cluster come in one after the other, as they are set up by hand. */
  async #predecessorIsIn(): Promise<void> {
    const { node, nodes } = this.#settings;
    const before = nodes[nodes.findIndex(({ name }) => name === node) - 1];
    if (before === undefined) return;
    const limit = clock.now() + PREDECESSOR_LIMIT;
    while (clock.now() < limit) {
      const status = await statusAt(before.address);
      if (status?.view?.members.includes(before.name) === true) return;
      await clock.sleep(RETRY);
    }
  }

  #told = '';
  /** Says in the log what the node shows, when it changes. */
  #tell(): void {
    const status = this.#node?.status ?? OUTSIDE;
    const { joined, view, waiting } = status;
    const shown =
      view === null
        ? joined
          ? 'in, before its first epoch'
          : 'not in'
        : `in epoch ${view.epoch} with ${view.members.join(' ')}, master ${view.master ?? 'none'}`;
    const held = waiting.length === 0 ? '' : `; waiting: ${waiting.join(', ')}`;
    if (shown + held === this.#told) return;
    this.#told = shown + held;
    say(this.#told);
  }
}

/** What a node answers; null when it does not. */
function statusAt(address: string): Promise<Status | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: STATUS_PORT, timeout: 500 });
    const end = (status: Status | null): void => {
      socket.destroy();
      resolve(status);
    };
    socket.on('error', () => end(null));
    socket.on('close', () => end(null));
    socket.on('timeout', () => end(null));
    readLines(socket, (line) => end((JSON.parse(line) as { status: Status }).status));
    socket.write(`${JSON.stringify({ id: 0, ask: 'status' })}\n`);
  });
}

/** With the time of day, as corosync's own lines have it. */
function say(line: string): void {
  process.stdout.write(`${new Date(clock.wallMillis()).toISOString().slice(11, 23)} ${line}\n`);
}

function fail(error: unknown): never {
  say(`fatal: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exit(1);
}

new Program(JSON.parse(process.argv[2] ?? 'null') as Settings).run().catch(fail);
