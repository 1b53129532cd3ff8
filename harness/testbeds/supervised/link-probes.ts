/** Whether data passes a link now, tried from inside its ends. */
import { connect } from 'node:net';
import type { Timer } from '../../clock.ts';
import { MILLISECOND, type NodeName } from '../../operation.ts';
import type { DialOutcome } from '../../packet-rules.ts';
import type { ExecOptions, ExecResult, TestbedContext } from '../../testbed.ts';
import { type Hello, unlessGone } from './supervisor.ts';

/** What of a node its links are probed by. */
export interface ProbedNode {
  readonly name: NodeName;
  readonly address: string;
  /** Whether it can be asked anything. */
  readonly reachable: boolean;
  readonly hello: Hello | null;
  ask(verb: string, ...fields: readonly string[]): Promise<readonly Buffer[]>;
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  expectDatagram(nonce: string, arrived: () => void): Disposable;
}

export const REACH_LIMIT_MS = 300;
const RESEND_AFTER = 100 * MILLISECOND;

/** Asks the node's name server for a name; any answer within the limit will do. */
const ASK_NAME = `
use strict; use Socket; my ($name, $ms) = @ARGV;
socket(my $s, PF_INET, SOCK_DGRAM, 0); connect($s, pack_sockaddr_in(53, inet_aton('127.0.0.11')));
send($s, pack('n6', 4711, 0x100, 1, 0, 0, 0) . pack('(C/a*)*', split /\\./, $name) . pack('C n n', 0, 1, 1), 0);
my $r = ''; vec($r, fileno $s, 1) = 1;
print 'answer' if select($r, undef, undef, $ms / 1000) > 0 && defined recv($s, my $answer, 512, 0);`;

export class LinkProbes {
  readonly #context: TestbedContext;
  #count = 0;

  constructor(context: TestbedContext) {
    this.#context = context;
  }

  /** Whether a datagram arrives, or a dial is answered at all. */
  async reaches(from: ProbedNode, to: ProbedNode, port: number | undefined): Promise<boolean> {
    if (!from.reachable || !to.reachable) return false;
    const ways = [this.sendDatagram(from, to)];
    if (port !== undefined) {
      ways.push(this.dial(from, to.address, port).then(isAnswer));
    }
    const ends = await Promise.all(ways);
    return ends.includes(true);
  }

  /** A datagram needs no answer, so this tells of one direction, which a connection cannot. */
  sendDatagram(from: ProbedNode, to: ProbedNode): Promise<boolean> {
    const { clock } = this.#context;
    const nonce = `faultline ${from.name} ${to.name} ${this.#count++}`;
    const port = String(to.hello?.datagramPort ?? 0);
    return new Promise((resolve) => {
      const timers: Timer[] = [];
      const end = (arrived: boolean): void => {
        timers.forEach((timer) => timer.cancel());
        expected[Symbol.dispose]();
        resolve(arrived);
      };
      const expected = to.expectDatagram(nonce, () => end(true));
      // A node that goes meanwhile is not reachable: the limit below says so.
      const send = (): void => void unlessGone(from.ask('send', to.address, port, nonce));
      timers.push(clock.at(clock.now() + RESEND_AFTER, send));
      timers.push(clock.at(clock.now() + REACH_LIMIT_MS * MILLISECOND, () => end(false)));
      send();
    });
  }

  async dial(from: ProbedNode, address: string, port: number): Promise<DialOutcome> {
    const limit = String(REACH_LIMIT_MS);
    const reply = await unlessGone(from.ask('connect', address, String(port), limit));
    const answer = String(reply?.[1] ?? '');
    if (answer === 'open' || answer === 'refused') return answer;
    return /No route to host|unreachable/i.test(answer) ? 'unreachable' : 'silence';
  }

  /** From the harness itself. */
  dialFromHere(address: string, port: number): Promise<DialOutcome> {
    const { clock } = this.#context;
    return new Promise((resolve) => {
      const socket = connect(port, address);
      const end = (outcome: DialOutcome): void => {
        limit.cancel();
        socket.destroy();
        resolve(outcome);
      };
      const limit = clock.at(clock.now() + REACH_LIMIT_MS * MILLISECOND, () => end('silence'));
      socket.once('connect', () => end('open'));
      socket.once('error', ({ code }: NodeJS.ErrnoException) => {
        if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') end('unreachable');
        else end(code === 'ECONNREFUSED' ? 'refused' : 'silence');
      });
    });
  }

  /** @param name one that the engine's name server knows */
  async resolves(node: ProbedNode, name: string): Promise<boolean> {
    const argv = ['perl', '-e', ASK_NAME, name, String(REACH_LIMIT_MS)];
    const result = await unlessGone(node.exec(argv));
    return result?.stdout === 'answer';
  }
}

function isAnswer(outcome: DialOutcome): boolean {
  return outcome === 'open' || outcome === 'refused';
}
